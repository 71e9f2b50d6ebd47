"""Who has to file what, and how it stands: lines of rule x place for the period that is due on a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from fupin.accounts.roles import Permission as P
from fupin.catalogue import offers
from fupin.filing.models import Filing, FilingRule, FilingState
from fupin.filing.periods import Period, newest
from fupin.regions.models import Level, Region

UNFILED, FILED, RETURNED, LATE = "未报", "已报", "退回", "逾期"


@dataclass(frozen=True)
class Duty:
    """One report of one place for one period."""

    rule: FilingRule
    place: Region
    period: Period
    title: str
    filing: Filing | None
    today: date

    @property
    def due(self):
        return self.period.end + timedelta(days=self.rule.due_days)

    @property
    def state(self):
        if self.filing:
            return RETURNED if self.filing.state == FilingState.RETURNED else FILED
        return LATE if self.due < self.today else UNFILED

    @property
    def open(self):
        """Whether something is left to do."""
        return self.state != FILED

    @property
    def late(self):
        return self.open and self.due < self.today


def rules_for(user, county=""):
    """The rules in force that concern `user`: of the counties in the user's places, or around them."""
    rows = FilingRule.objects.visible_to(user).filter(active=True)
    return list(rows.filter(region_path=county) if county else rows)


def titles():
    """`{name: report}` of the catalogue."""
    return {report.name: report for report in offers("REPORT_MODULES", "REPORTS")}


def duties(user, today, *, on=None, county="", rules=None):
    """Duties of the places of `user`, for the period that is the newest on the day `on`; without `on` today's, and what
    is still open of the one before. Three queries."""
    rules = rules_for(user, county) if rules is None else rules
    if not rules:
        return []
    reports = titles()
    places = Region.objects.visible_to(user, P.REPORT_EXPORT).filter(level__in=[Level.COUNTY, Level.TOWNSHIP])
    places = list(places.filter(places.in_paths({rule.region_path for rule in rules})).order_by("path"))
    wanted = [
        (rule, place, period, earlier)
        for rule in rules
        if rule.report in reports
        for earlier, period in enumerate(_periods(rule, today, on))
        if period.end >= rule.since
        for place in places
        if place.level == rule.level
        and place.path.startswith(rule.region_path)
        and (place.valid_to is None or place.valid_to > period.end)
    ]
    starts = {period.start for _, _, period, _ in wanted}
    held = {
        (filing.region_path, filing.report, filing.every, filing.start): filing
        for filing in Filing.objects.visible_to(user).filter(start__in=starts)
    }
    found = [
        (earlier, Duty(
            rule, place, period, reports[rule.report].label(period.end.year),
            held.get((place.path, rule.report, rule.every, period.start)), today,
        ))
        for rule, place, period, earlier in wanted
    ]  # fmt: skip
    return [duty for earlier, duty in found if not earlier or duty.open]


def _periods(rule, today, on):
    """The newest period; without a day of one's own also the one before it, which stays until it is filed."""
    last = newest(rule.every, on or today)
    return [last] if on else [last, last.before()]


def own(user, found):
    """Those that fall to the user: whose post is at the very place that files."""
    mine = set(user.paths(P.REPORT_FILE))
    return [duty for duty in found if duty.place.path in mine]
