"""Drawing figures: a number that opens its rows, and the bar of a progress."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def cell(figure, extra=""):
    """The households of a Cell, or its persons where the page counts those, linked to exactly those rows where the user
    may see them."""
    return _linked(figure, figure.number, figure.unit, extra)


@register.simple_tag
def homes(figure, extra=""):
    """The households of a Cell, whatever the page counts in."""
    return _linked(figure, figure.households, "户", extra)


@register.simple_tag
def persons(figure, extra=""):
    """The persons of a Cell, linked to the same rows."""
    return _linked(figure, figure.persons, "人", extra)


@register.simple_tag
def duties(count):
    """A number of reports to be filed, linked to exactly those (`panels.filings.Count`)."""
    return format_html(
        '<a class="fp-fig" href="{}" aria-label="{} {} 张">{}</a>',
        count.url,
        count.label,
        count.number,
        count.number,
    )


@register.filter
def tone(figure, bad):
    """The colour of a tile whose Cell should be 0: `bad` where it is more, neutral where it is unknown or withheld."""
    if figure.unknown or getattr(figure, "few", False):
        return "plain"
    return bad if figure.number else "green"


def _linked(figure, number, unit, extra):
    text = figure.words(number)
    if not figure.url:
        return text
    return format_html(
        '<a class="fp-fig {}" href="{}" aria-label="{} {} {}" data-figure="{}">{}</a>',
        extra, figure.url, figure.label, text, unit, figure.key, text,
    )  # fmt: skip


@register.simple_tag
def progress_bar(progress, label="完成"):
    """The bullet of `panels.progress`: done, and a tick where the calendar stands."""
    if progress["rate"] is None:
        return format_html('<span class="muted">{}</span>', "—")
    percent = f"{progress['width']:.0f}"
    return format_html(
        '<span class="fp-prog"><svg class="bul is-{}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        ' aria-label="{} {}%"><rect class="bg" x="0" y="2" width="100" height="6"/>'
        '<rect class="fg" x="0" y="2" width="{}" height="6"/>'
        '<rect class="tg" x="{}" y="0" width="1.2" height="10"/></svg><b>{}%</b></span>',
        progress["tone"], label, percent, f"{min(progress['width'], 100):.1f}", f"{min(progress['mark'], 98.8):.1f}", percent,
    )  # fmt: skip
