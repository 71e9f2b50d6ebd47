"""Titles of reports on pages."""

from django import template
from django.utils import timezone

register = template.Library()


@register.simple_tag
def report_label(report):
    """The title in this year's words, without the place."""
    return report.label(timezone.localdate().year)
