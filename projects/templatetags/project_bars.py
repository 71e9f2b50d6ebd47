"""Shares for the bars of money."""

from django import template

register = template.Library()


@register.simple_tag
def money_bar(planned, allotted, paid):
    """`{allotted, paid}` in whole percent of `planned`; None without it."""
    if not planned:
        return None
    return {"allotted": round(100 * (allotted or 0) / planned), "paid": round(100 * (paid or 0) / planned)}
