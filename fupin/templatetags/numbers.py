"""Numbers as officials read them. Display only: inside the product money is yuan and rates are fractions."""

from decimal import ROUND_HALF_UP, Decimal

from django import template

register = template.Library()


def _number(value, places):
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


@register.filter
def num(value):
    """Thousands separated; None is —."""
    return "—" if value is None or value == "" else f"{value:,}"


@register.filter
def yuan(value, places=2):
    """Yuan with two places, or as many as given."""
    return "—" if value is None or value == "" else _number(value, int(places))


@register.filter
def wan(value, places=1):
    """Yuan shown in 万元."""
    return "—" if value is None or value == "" else _number(Decimal(value) / 10000, int(places))


@register.filter
def points(value):
    """The difference of two fractions in percentage points (0.034 is 3.4)."""
    return _number(Decimal(str(value)) * 100, 1)


@register.filter
def percent(value, places=1):
    """A fraction (0.276) as 27.6%. None, which is what a zero denominator gives, is —."""
    return "—" if value is None or value == "" else _number(Decimal(str(value)) * 100, int(places)) + "%"


@register.filter
def unknown(value):
    """A profile figure: None is 未填, zero is 0."""
    return "未填" if value is None or value == "" else value
