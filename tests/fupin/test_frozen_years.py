"""年度快照: what came out stays, facts of the year are closed, only the county opens them again."""

import io
import re
from datetime import date
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.excel import reports, sets
from fupin.filing import keeping
from fupin.filing.frozen import freeze_of, keep
from fupin.filing.models import FreezeState, YearFreeze
from fupin.filing.retiring import blank_names
from fupin.jobs.worker import Worker
from fupin.regions.models import Region
from households import stats
from households.actions.register import save_household
from households.actions.village import save_profile
from households.freezing import kept
from households.models import Household, Income, Member, VillageProfile
from tests import factories
from tests.households.forms import page_data
from tests.parts import two_parts
from tests.workbooks import found, made, opened, uploaded

pytestmark = pytest.mark.django_db
LAST = timezone.localdate().year - 1
ON = date(LAST, 12, 31)
FIGURE = re.compile(
    r'<a class="fp-fig[^"]*" href="([^"]+)" aria-label="[^"]+ (户|人)" data-figure="[^"]+">(\d+)</a>'
)
TOWN, VILLAGE = "990101100", "990101100201"


def freeze(client, year=LAST, on=ON):
    return client.post(reverse("freeze_new"), {"county": "990101", "year": year, "as_of": on})


@pytest.fixture
def county(login):
    factories.household(number="H1", members=2, cause="", identified_on=date(2015, 1, 1))
    return login(factories.user(at="990101"))


KEPT = ("R02", "R04", "R05", "R15")


def cells(client, name, **query):
    sheet = opened(client.get(reverse("report_download", args=[name]), {"year": LAST, **query}))
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@two_parts(12)
def test_reports_and_figures_of_a_frozen_year_stay_with_the_places_of_that_time(
    client, county, part, monkeypatch
):
    if not part.rest:  # all reports are kept in the second part
        few = [
            report
            for _, some in reports.reports_for(factories.user())
            for report in some
            if report.name in KEPT
        ]
        monkeypatch.setattr(reports, "reports_for", lambda by: [("", few)])
    freeze(county)
    Worker().loop(once=True)
    frozen = YearFreeze.objects.get()
    assert frozen.state == FreezeState.FROZEN
    before = {name: cells(county, name, region=TOWN) for name in KEPT}
    whole = before["R02"]
    page = county.get(reverse("freeze_detail", args=[frozen.uid]))
    figures, names = page.context["figures"], [place.name for place in page.context["places"]]
    assert dict(figures)["在册户"] == [[1, 2], [1, 2]]

    home = Household.objects.get()
    factories.household(number="H2", identified_on=date(2014, 1, 1))
    Member.objects.filter(household=home).update(joined_on=date(2010, 1, 1))
    Household.objects.update(registry_status="3", exit_year=2016)
    Region.objects.filter(path=TOWN).update(short_name="新名镇", valid_to=timezone.localdate())

    assert {name: cells(county, name, region=TOWN) for name in before} == before
    page = county.get(reverse("freeze_detail", args=[frozen.uid]))
    assert (page.context["figures"], [place.name for place in page.context["places"]]) == (figures, names)
    shown = county.get(reverse("report_detail", args=["R04"]), {"year": LAST, "region": TOWN})
    assert "当时的原表" in shown.content.decode()
    assert shown.context["preview"].body

    assert cells(county, "R02", region=VILLAGE)[3:5] == whole[3:5]  # cut out of the township's
    assert [row[:4] for row in cells(county, "R02", region=TOWN, figure="poor")[3:5]] == [
        row[:4] for row in whole[3:5]
    ]
    assert cells(county, "R02", region=TOWN, figure="out")[3][2] is None  # who is out by now was not then
    ours = county.get(reverse("report_detail", args=["R02"]), {"year": LAST, "region": VILLAGE, "q": "H1"})
    assert (ours.context["kept"].rows, ours.context["kept"].unit) == (1, "测试县01测试镇00测试村01")
    assert (
        county.get(reverse("report_detail", args=["R02"]), {"year": LAST, "helper": "王"}).context["kept"]
        is None
    )

    # the dashboard of that year, and the households behind each of its figures
    page = county.get(reverse("board"), {"year": LAST})
    assert (page.context["view"].frozen, page.context["view"].day) == (frozen, ON)
    assert [place.short_name for place in page.context["children"]] == ["测试镇00"]
    assert "快照（截至" in page.content.decode() and f"{LAST} 年度（已冻结）" in page.content.decode()
    shown = dict(shown_figures(page))
    assert len(shown) > 20 and reverse("household_then") + f"?region=990101&figure=poor&asof={ON}" in shown
    for url, number in part.of(sorted(shown.items())):
        assert county.get(url).context["households"] == number, url
    rows = county.get(reverse("household_then"), {"region": VILLAGE, "figure": "poor", "asof": ON}).context[
        "rows"
    ]
    assert [(one["row"].number, one["village"]) for one in rows] == [("H1", "测试镇00 测试村01 1组")]
    assert (
        county.get(reverse("board"), {"region": TOWN, "asof": ON}).context["view"].region.short_name
        == "测试镇00"
    )
    page = county.get(reverse("board"))
    assert not page.context["view"].frozen
    # the years side by side: that year's end out of the freeze, and its rows
    kept_of = [(url, number) for url, number in shown_figures(page) if f"asof={ON}" in url]
    assert len(kept_of) == 5
    for url, number in kept_of:
        assert county.get(url).context["households"] == number, url

    by = frozen.by
    sets.write_reports(by, Region.objects.get(path=TOWN), LAST, io.BytesIO())
    taken = [event.detail for event in AuditEvent.objects.filter(action="report.export").order_by("-pk")[:8]]
    assert all(detail["what"] == "年度快照" for detail in taken)
    blank_names([home.pk])
    rows = county.get(reverse("household_then"), {"region": VILLAGE, "figure": "poor", "asof": ON}).context[
        "rows"
    ]
    assert [str(one["row"]) for one in rows] == ["（已匿名）"]

    # every report was kept; what could not be would be named on the page
    event = AuditEvent.objects.get(action="year.kept")
    assert (frozen.left_out, event.detail["left_out"], event.detail["rows"]) == ([], "", 1)
    YearFreeze.objects.update(left_out=[["某某统计表", "", "没有历史数据"]])
    told = county.get(reverse("freeze_detail", args=[frozen.uid])).content.decode()
    assert "某某统计表" in told and "没有历史数据" in told

    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    address = reverse("frozen_file", args=[frozen.uid, "R04"])
    assert client.get(address, {"region": TOWN}).status_code == 200
    assert client.get(address, {"region": "990101"}).status_code == 404
    assert client.get(reverse("freeze_detail", args=[frozen.uid])).context["place"].region_path == TOWN


def shown_figures(page):
    found = FIGURE.findall(page.content.decode())
    return [(unescape(url), int(number)) for url, unit, number in found if unit == "户"]


def test_facts_of_a_frozen_year_are_refused_until_the_county_opens_it(client, county):
    freeze(county)
    frozen, home = YearFreeze.objects.get(), Household.objects.get()
    village = Region.objects.get(path=VILLAGE)
    operator = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)

    def write(year):
        save_household(
            by=operator, year=year, today=timezone.localdate(), household=home, version=home.version, fields={},
            income={"wage": 1},
        )  # fmt: skip
        home.refresh_from_db()

    with pytest.raises(ValidationError, match=f"{LAST} 年度的数据已于.*冻结"):
        write(LAST)
    with pytest.raises(ValidationError, match="冻结"):
        save_profile(village=village, year=LAST, fields={}, by=operator)
    assert not Income.objects.exists() and not VillageProfile.objects.exists()
    write(LAST + 1)
    write(LAST - 1)

    address = reverse("freeze_open", args=[frozen.uid])
    client.force_login(operator)
    assert client.post(address, {"reason": "更正收入", "version": frozen.version}).status_code == 403
    client.force_login(factories.user(at="990101"))
    assert client.post(address, {"reason": "", "version": frozen.version}).status_code == 422
    assert client.post(address, {"reason": "更正两户收入", "version": frozen.version}).status_code == 302
    write(LAST)
    event = AuditEvent.objects.get(action="year.open")
    assert (event.detail["reason"], event.region_path) == ("更正两户收入", "990101")
    assert freeze(client).status_code == 302  # and it can be frozen anew
    assert YearFreeze.objects.exclude(state="open").count() == 1


def test_the_form_keeps_what_was_typed(client, county):
    freeze(county)
    home = Household.objects.get()
    page = county.get(reverse("household_edit", args=[home.pk]), {"year": LAST})
    data = page_data(page)
    field = next(name for name in data if name.endswith("remark"))
    data |= {field: "甲乙丙", "k-main": "01"}
    answer = county.post(reverse("household_edit", args=[home.pk]) + f"?year={LAST}", data)
    text = answer.content.decode()
    assert "年度的数据已于" in text and "甲乙丙" in text


def test_who_may_not_freeze(client, county):
    client.force_login(factories.user(at="990101100"))  # a county role for one township
    assert freeze(client).status_code == 422
    assert not YearFreeze.objects.exists()


def test_the_day_lies_in_the_year_and_not_ahead(county):
    assert freeze(county, on=date(LAST - 1, 12, 31)).status_code == 422
    assert freeze(county, year=LAST + 1, on=date(LAST + 1, 12, 31)).status_code == 422
    assert freeze(county).status_code == 302
    assert freeze(county).status_code == 422  # twice


def test_opened_while_it_is_being_kept(county):
    freeze(county)
    YearFreeze.objects.update(
        state="open", reason="停", opened_at=timezone.now(), opened_by=YearFreeze.objects.get().by
    )
    Worker().loop(once=True)
    assert YearFreeze.objects.get().state == "open"
    assert not YearFreeze.objects.get().places.exists()


def test_a_freeze_that_was_broken_off_goes_on(county, monkeypatch):
    """The worker dies at a report: nothing answers, and the next start makes only what is missing."""
    freeze(county)
    few = [report for _, some in reports.reports_for(YearFreeze.objects.get().by) for report in some if report.name in ("R04", "R07", "R12", "R16")]  # fmt: skip
    monkeypatch.setattr(reports, "reports_for", lambda by: [("", few)])
    store, made = keeping._File.store, []

    def dying(file, freeze, report, **more):
        if len(made) == 3:
            raise SystemExit
        made.append((report.name, more.get("whole", True)))
        store(file, freeze, report, **more)

    monkeypatch.setattr(keeping._File, "store", dying)
    frozen, by = YearFreeze.objects.get(), YearFreeze.objects.get().by
    with pytest.raises(SystemExit):
        keep(frozen, by=by, step=lambda *_: None)
    assert YearFreeze.objects.get().state == FreezeState.MAKING
    assert freeze_of("990101", year=LAST) is None

    kept_once = made[:3]
    lost = frozen.reports.get(report=kept_once[0][0], whole=kept_once[0][1])
    lost.cells_path.unlink()
    made.clear()
    monkeypatch.setattr(keeping._File, "store", lambda file, freeze, report, **more: (made.append((report.name, more.get("whole", True))), store(file, freeze, report, **more)))  # fmt: skip
    keep(frozen, by=by, step=lambda *_: None)

    assert kept_once[0] in made
    assert not set(kept_once[1:]) & set(made)
    assert YearFreeze.objects.get().state == FreezeState.FROZEN
    assert {(one.report, one.whole) for one in frozen.reports.all()} == {*kept_once, *made}
    assert all(one.cells_path.is_file() for one in frozen.reports.all())


def test_today_counts_as_the_dashboard_does(county):
    today = timezone.localdate()
    found = kept("990101", today)
    assert [(row["number"], row["size"]) for row in found.rows] == [("H1", 2)]
    live = stats.count([""], stats.Day.of(today), 12)[VILLAGE]
    assert found.figures[VILLAGE] == {key: pair for key, pair in live.items() if pair != [0, 0]}
    assert found.figures["990101"]["all"] == [1, 2]


def test_an_import_for_a_frozen_year_keeps_those_rows_out(client, county, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    freeze(county)
    client.force_login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    header = (
        "户编号",
        "户主姓名",
        "年度",
        "工资性收入",
        "生产经营性收入",
        "财产性收入",
        "转移性收入",
        "生产经营性支出",
        "家庭纯收入",
    )
    rows = [("H1", "户主", year, 1, 2, 3, 4, 0, 10) for year in (LAST, LAST - 1)]

    batch = uploaded(client, made(header, *rows, title="农户收入核算表"))

    assert [code for code, _ in found(batch)] == ["year_frozen"]
    assert batch.report["good"] == 1
