"""Addresses of filing and of frozen years. The report is R12, which everybody who may export may read."""

from datetime import date

from fupin.accounts.roles import Permission as P
from fupin.filing import copies
from fupin.filing.actions import asked_for
from fupin.filing.keeping import keep_reports
from fupin.filing.models import FiledCopy, Filing, FrozenPlace, YearFreeze
from projects.reports import PROGRESS
from tests import factories
from tests.access import Fixed


def kept(at, by):
    """R12 of a village, kept."""
    return copies.write(PROGRESS, asked_for(PROGRESS, at[:12], by=by, year=2026, day=date(2026, 10, 31)))


def filing(at):
    """A filing as a village's (the matrix has its rows there), with one version."""
    by = factories.user(at=at[:6])
    made = Filing.objects.create(
        region_path=at[:12], unit="测试村", report="R12", title="项目（资金）进度统计表", every="month", number=1,
        start=date(2026, 10, 1), end=date(2026, 10, 31), due=date(2026, 11, 5),
    )  # fmt: skip
    FiledCopy.objects.create(filing=made, number=1, by=by, **kept(at, by))
    return made.uid


def freeze(at):
    by = factories.user(at=at[:6])
    made = YearFreeze.objects.create(
        region_path=at[:12], unit="测试村", year=2020, as_of=date(2020, 12, 31), state="frozen", by=by
    )
    FrozenPlace.objects.create(
        freeze=made, region_path=at[:12], level=5, name="测试村", figures={"all": [1, 2]}
    )
    keep_reports(made, [], {}, by=by, check=dict, step=lambda *_: None, names={"R12"})
    return made.uid


READ, FILE, REVIEW = (P.REPORT_EXPORT,), (P.REPORT_FILE,), (P.REPORT_REVIEW,)
PAGES = [
    ("filing_list", {}, "get", READ),
    ("filing_file", {}, "post", FILE),
    ("filing_detail", {"uid": filing}, "get", READ),
    ("filing_return", {"uid": filing}, "post", REVIEW),
    ("filing_copy", {"uid": filing, "number": Fixed(1)}, "get", READ),
    ("filing_rules", {}, "get", REVIEW),
    ("filing_rules", {}, "post", REVIEW),
    ("freeze_list", {}, "get", READ),
    ("freeze_new", {}, "post", REVIEW),
    ("freeze_detail", {"uid": freeze}, "get", READ),
    ("freeze_open", {"uid": freeze}, "post", REVIEW),
    ("frozen_file", {"uid": freeze, "name": Fixed("R12")}, "get", READ),
]
