"""`{% pii household "phone" %}`: a personal field as this page may show it."""

from django import template

from fupin.accounts.pii import shown

register = template.Library()


@register.simple_tag
def pii(owner, field, reveal=False):
    """Masked by the class of the field; whole only where the view passes `reveal`. Empty shows as —."""
    return shown(owner, field, reveal=reveal) or "—"
