"""The one guard of frozen years: who writes facts of a year asks here first."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from fupin.filing.models import CLOSED, YearFreeze

COUNTY = 6
"""Digits of a county's path."""


def frozen_years(counties):
    """`{(county path, year): YearFreeze}` of the years that are closed in these counties. One query."""
    rows = YearFreeze.objects.unscoped("closed years").filter(state__in=CLOSED)
    return {(row.region_path, row.year): row for row in rows.filter(region_path__in=set(counties))}


def why_closed(path, year, frozen=None):
    """Why a fact of `year` at `path` may not be written, "" when it may. `frozen`: what frozen_years gave."""
    county = path[:COUNTY]
    row = (frozen_years([county]) if frozen is None else frozen).get((county, year))
    if row is None:
        return ""
    return (
        f"{row.unit} {year} 年度的数据已于 {timezone.localdate(row.at)} 冻结（截至 {row.as_of}），不能再改。"
        "确需更正的，请县业务局在“年度快照”里写明理由解冻。"
    )


def ensure_open(path, year):
    """Raise ValidationError in words when `year` is frozen for the county of `path`."""
    if why := why_closed(path, year):
        raise ValidationError(why, code="year_frozen")
