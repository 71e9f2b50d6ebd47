"""The project pages, as their users meet them."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from fupin.accounts.roles import Role
from fupin.accounts.submissions import new_key
from fupin.audit.models import AuditEvent
from fupin.board.panels import View
from fupin.inbox.todo import Scope
from fupin.regions.models import Region
from fupin.schedule import columns, parse
from projects import kept, panels, stats, todo
from projects.management.commands import print_project_indicators
from projects.models import Beneficiary, FundLine, Milestone, Project, TargetMove
from tests import factories
from tests.parts import two_parts

pytestmark = pytest.mark.django_db

LIST = reverse("project_list")
TOWN, VILLAGE, NEXT = "990101102", "990101102001", "990101102002"


def names(response):
    return [line.project.name for line in response.context["lines"]]


def project(**fields):
    return factories.project(**({"at": VILLAGE} | fields))


def milestone(of, name="完工", target="2026年内", **fields):
    return Milestone.objects.create(project=of, name=name, **(columns(parse(target), "planned") | fields))


def posted(**changes):
    """A new project as the page posts it."""
    data = {
        "name": "村组道路硬化", "year": "2026", "category": "0301", "state": "30", "region": VILLAGE,
        "start": "3月", "finish": "年内", "quantity": "2.5", "unit": "公里", "investment": "111.1",
        "milestones-TOTAL_FORMS": "2", "milestones-INITIAL_FORMS": "0",
        "milestones-0-name": "开工", "milestones-0-target": "4月底前",
        "milestones-1-name": "完工", "milestones-1-target": "年内",
        "funds-TOTAL_FORMS": "1", "funds-INITIAL_FORMS": "0",
        "funds-0-source": "1", "funds-0-planned": "88.88", "funds-0-allotted": "60", "funds-0-paid": "0.5",
        "submit_key": new_key(),
    }  # fmt: skip
    return data | changes


def as_opened(response):
    """What the edit page would post back unchanged."""
    sheet, data = response.context["sheet"], {}
    for form in [sheet.form, *(form for rows in sheet.formsets for form in rows.forms)]:
        for bound in form:
            value = bound.value()
            data[bound.html_name] = "" if value is None else value
    for rows in sheet.formsets:
        data |= {
            f"{rows.prefix}-TOTAL_FORMS": len(rows.forms),
            f"{rows.prefix}-INITIAL_FORMS": len(rows.forms),
        }
    return data | {
        "version": response.context["version"], "was": response.context["was"], "submit_key": new_key()
    }  # fmt: skip


# The list


def test_the_list_shows_own_places_and_projects_that_cover_them(login):
    project(name="本村的")
    project(name="邻村的", at=NEXT)
    project(name="全县的", at="990101", villages=[VILLAGE])

    page = login(factories.user(Role.VILLAGE_CLERK, at=VILLAGE)).get(LIST)

    assert sorted(names(page)) == ["全县的", "本村的"]


def test_a_post_for_the_whole_country_sees_everything(login):
    project(name="没有覆盖村")
    project(name="有覆盖村", villages=[NEXT])

    assert len(names(login(factories.user(Role.ADMINISTRATOR, at="")).get(LIST))) == 2


def test_the_export_holds_what_the_list_shows(login):
    project(name="大棚", category="0111")
    project(name="道路", category="0301")
    client = login(factories.user())
    page = client.get(LIST, {"category": "01"})
    address = f"{page.context['export_url']}?{page.context['query']}"

    file = client.get(address)
    rows = [row for sheet in load_workbook(BytesIO(b"".join(file))) for row in sheet.values]
    text = str(rows)

    assert "大棚" in text
    assert "道路" not in text


def fill(count):
    for n in range(count):
        made = project(name=f"项目甲{n}", villages=[VILLAGE, NEXT], finish_end=date(2027, 1, 1), progress=10)
        milestone(made)
        milestone(made, "开工", "2026年3月")
        FundLine.objects.create(project=made, source="1", planned=100, allotted=50, paid=10)


def test_queries_do_not_grow_with_rows(login, django_assert_num_queries):
    fill(3)
    client = login(factories.user(at="990101"))
    client.get(LIST)
    # session, user, posts; count, rows, milestones, villages; figures of the tabs; investment, fund lines;
    # crumbs, parts of the place
    with django_assert_num_queries(12):
        client.get(LIST)
    fill(25)
    with django_assert_num_queries(12):
        client.get(LIST, {"size": 50})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "大棚"}, ["蔬菜大棚"]),
        ({"category": "01"}, ["蔬菜大棚"]),
        ({"state": "30"}, ["饮水"]),
        ({"year": "2025"}, ["饮水"]),
        ({"region": NEXT}, ["饮水"]),
        ({"standing": "over"}, ["饮水"]),
        ({"source": "4"}, ["蔬菜大棚"]),
        ({"figure": "funded"}, ["蔬菜大棚"]),
        ({"q": "没有"}, []),
    ],
)
def test_filters(login, query, found):
    greenhouse = project(name="蔬菜大棚", category="0111")
    FundLine.objects.create(project=greenhouse, source="4", planned=1)
    project(name="饮水", category="0504", state="30", year=2025, at=NEXT, finish_end=date(2020, 1, 1))

    page = login(factories.user()).get(LIST, query)

    assert names(page) == found
    assert len(page.context["chips"]) == 1


def variety():
    """Projects that differ in every way the figures know."""
    today = timezone.localdate()
    for n, state in enumerate(["10", "20", "30", "40", "50", "60", "70", "90", "30", "30"]):
        made = project(
            at=VILLAGE if n % 2 else NEXT, state=state, blocked_reason="征地" if state == "40" else "",
            start_end=today - timedelta(30), started_on=today - timedelta(200) if state == "30" else None,
            finish_end=None if n == 9 else today + timedelta([-20, 10, 5, -5, 0, 3, 90, -9, 90][n]),
            progress=10 if state == "30" else None, investment=1000 * n or None,
            villages=[VILLAGE, NEXT] if n in (2, 5) else [],
        )  # fmt: skip
        milestone(made, target="2020年")
        if n % 3:
            FundLine.objects.create(project=made, source="1", planned=100, allotted=50 if n > 4 else None)
    project(at="990101", investment=5, finish_end=today)


@two_parts(8)
def test_every_figure_counts_exactly_the_rows_of_its_list(login, part):
    variety()
    user = factories.user()
    county = Region.objects.get(path="990101")
    counts = stats.counts(stats.visible(user, county), timezone.localdate())
    client = login(user)

    for figure in part.of(stats.FIGURES):
        page = client.get(LIST, {"figure": figure.key, "region": "990101", "size": 100})

        assert counts[figure.key] == page.context["page"].paginator.count, figure
        assert page.context["counts"]["all"] == 11


def test_the_printed_indicators_are_the_figures_of_the_code():
    printed = (settings.BASE_DIR / "docs" / "indicators-projects.md").read_text(encoding="utf-8")

    assert printed == print_project_indicators.page()
    assert all(figure.note for figure in stats.FIGURES)


@two_parts(40)
def test_every_cell_of_the_dashboard_leads_to_as_many_rows(login, part):
    variety()
    user = factories.user()
    client = login(user)
    today = timezone.localdate()

    for path in ("990101", TOWN, VILLAGE):
        data = panels.progress(user, View(Region.objects.get(path=path), today), today)
        found = [cell for row in data["rows"] for cell in row.cells.values()] + list(data["own"].values())
        for cell in part.of(found):
            assert client.get(cell.url).context["page"].paginator.count == cell.number, cell


def test_the_dashboard_adds_up_money_once(django_assert_num_queries):
    variety()
    user = factories.user()
    county = Region.objects.get(path="990101")
    assert user.posts_today

    kept.recount()
    with django_assert_num_queries(4):  # kept counts of the place and its parts; names; late; blocked
        data = panels.progress(user, View(county, timezone.localdate()), timezone.localdate())

    assert data["sums"].planned == Decimal(600)
    assert data["sums"].investment == 1000 * sum(range(10)) + 5
    assert [row.name for row in data["rows"]][-1] == "本级"


# One page for everything


def test_a_new_project_with_milestones_and_funds(login):
    factories.region(VILLAGE)
    user = factories.user()
    page = login(user).post(reverse("project_new"), posted())

    made = Project.objects.with_funds().get()
    assert page["Location"] == reverse("project_detail", args=[made.pk])
    assert made.number == "2026-990101-102-0001"
    assert (made.finish_text, made.finish_end, made.investment) == (
        "年内",
        date(2026, 12, 31),
        Decimal("1111000.00"),
    )
    assert (made.planned, made.allotted, made.paid) == (Decimal("888800"), Decimal("600000"), Decimal("5000"))
    assert [(m.name, m.planned_text, m.due) for m in made.milestones.all()] == [
        ("开工", "4月底前", date(2026, 4, 30)),
        ("完工", "年内", date(2026, 12, 31)),
    ]
    assert AuditEvent.objects.get(action="project.create").user == user


def test_a_submit_twice_counts_once(login):
    factories.region(VILLAGE)
    client, data = login(factories.user()), posted()

    first, second = (client.post(reverse("project_new"), data) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Project.objects.count() == 1


def test_numbers_run_on_by_year_and_township(login):
    factories.region(VILLAGE)
    client = login(factories.user())
    for year in ("2026", "2026", "2025"):
        client.post(reverse("project_new"), posted(year=year, finish="2026年内", start="2025年", **NO_STEPS))

    assert sorted(Project.objects.values_list("number", flat=True)) == [
        "2025-990101-102-0001", "2026-990101-102-0001", "2026-990101-102-0002",
    ]  # fmt: skip


NO_STEPS = {f"milestones-{n}-{name}": "" for n in (0, 1) for name in ("name", "target")}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"funds-0-paid": "61"}, "支付不能超过拨付。"),
        ({"funds-0-allotted": "99"}, "拨付不能超过下达。"),
        ({"finish": "尽快"}, "看不懂时限“尽快”"),
        ({"year": "", "finish": "4月"}, "缺少年份"),
        ({"region": "不存在的村"}, "您的区域里没有“不存在的村”"),
        ({"name": ""}, "这个字段是必填项。"),
        ({"progress": "120"}, "形象进度应为 0 至 100。"),
        ({"state": "40"}, "停滞的项目须写明原因。"),
        ({"milestones-1-target": "13月"}, "不是存在的日期"),
        ({"villages": "测试村01、不存在"}, "您的区域里没有“不存在”"),
        ({"benefit_households": "3", "benefit_out_households": "5"}, "受益户数少于其中各类之和 5。"),
    ],
)
def test_errors_stand_beside_the_field_and_nothing_is_lost(login, changes, words):
    factories.region(VILLAGE)

    page = login(factories.user()).post(reverse("project_new"), posted(content="长长的内容", **changes))
    text = page.content.decode()

    assert page.status_code == 422
    assert words in text
    assert "fp-errsum" in text
    assert "长长的内容" in text and 'value="88.88"' in text and 'value="4月底前"' in text
    assert not Project.objects.exists()


def test_more_rows_without_javascript(login):
    factories.region(VILLAGE)

    page = login(factories.user()).post(reverse("project_new"), posted(more_milestones="1"))

    assert len(page.context["milestones"].forms) == 5
    assert 'value="4月底前"' in page.content.decode()


def test_more_rows_of_a_project_with_rows_and_no_word_about_those_of_others(login):
    made, other = project(), milestone(factories.project(at="990102102001"))
    own, client = milestone(made), login(factories.user())
    address = reverse("project_edit", args=[made.pk])
    page = as_opened(client.get(address))
    again = client.post(address, page | {"more_milestones": "1"})
    assert again.status_code == 200 and again.context["sheet"].milestones.total_form_count() == 4
    said = []
    for key in (other.pk, other.pk + 1000):  # there elsewhere, and nowhere
        rows = {
            "milestones-TOTAL_FORMS": 2,
            "milestones-1-id": key,
            "milestones-1-name": "又一个",
            "milestones-1-target": "年内",
        }
        response = client.post(address, page | rows | {"submit_key": new_key()})
        said.append((response.status_code, response.context["sheet"].milestones.errors))
    assert said[0] == said[1] and said[0][0] == 422
    assert list(made.milestones.all()) == [own]


def test_a_place_outside_the_own_region_is_refused(login):
    factories.region(VILLAGE)
    factories.region("990102102001")

    page = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)).post(
        reverse("project_new"), posted(region="990102102001")
    )

    assert page.status_code == 422
    assert not Project.objects.exists()


def test_who_may_not_edit_funds_leaves_them_alone(login):
    made = project()
    FundLine.objects.create(project=made, source="1", planned=100)
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    page = client.get(reverse("project_edit", args=[made.pk]))

    data = as_opened(page) | {
        "name": "新名",
        "funds-TOTAL_FORMS": 1,
        "funds-INITIAL_FORMS": 0,
        "funds-0-source": "2",
    }
    client.post(reverse("project_edit", args=[made.pk]), data)

    made.refresh_from_db()
    assert made.name == "新名"
    assert [(line.source, line.planned) for line in made.funds.all()] == [("1", Decimal(100))]


def test_editing_funds_and_removing_rows(login):
    made = project()
    line = FundLine.objects.create(project=made, source="1", planned=Decimal("20000.00"))
    gone = milestone(made, "多余")
    client = login(factories.user())
    page = client.get(reverse("project_edit", args=[made.pk]))

    data = as_opened(page) | {"funds-0-paid": "1.5", "milestones-0-DELETE": "on"}
    assert data["funds-0-planned"] == "2"
    client.post(reverse("project_edit", args=[made.pk]), data)

    line.refresh_from_db()
    assert line.paid == Decimal("15000.00")
    assert not Milestone.objects.filter(pk=gone.pk).exists()
    assert AuditEvent.objects.filter(action="project.row.remove").exists()


def test_old_text_that_cannot_be_read_does_not_block_saving(login):
    made = project(year=None, start_text="10月")
    client = login(factories.user())
    data = as_opened(client.get(reverse("project_edit", args=[made.pk])))

    assert client.post(reverse("project_edit", args=[made.pk]), data | {"name": "新名"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.start_text, made.start_end) == ("新名", "10月", None)


def test_moving_dates_on_the_page_needs_a_reason_and_keeps_the_old(login):
    made = project(**columns(parse("2026年内"), "finish"))
    step = milestone(made, target="2026年6月")
    client = login(factories.user())
    url = reverse("project_edit", args=[made.pk])
    data = as_opened(client.get(url)) | {"finish": "2027年6月底前", "milestones-0-target": "2026-08-15"}

    page = client.post(url, data)
    assert page.status_code == 422
    assert "原时限为“2026年内”，调整须写明原因。" in page.content.decode()
    assert "原时限为“2026年6月”，调整须写明原因。" in page.content.decode()

    client.post(
        url, data | {"move_reason": "资金晚到", "milestones-0-reason": "雨季", "submit_key": new_key()}
    )
    made.refresh_from_db()
    step.refresh_from_db()
    assert made.finish_end == date(2027, 6, 30)
    assert (step.planned_text, step.revised_text, step.due) == ("2026年6月", "2026-08-15", date(2026, 8, 15))
    assert set(TargetMove.objects.values_list("before_text", "after_text", "reason")) == {
        ("2026年内", "2027年6月底前", "资金晚到"), ("2026年6月", "2026-08-15", "雨季"),
    }  # fmt: skip


def test_the_second_to_save_sees_both_versions(login, client):
    made = project(name="原名", lead_unit="甲局", responsible_unit="镇政府", state="30")
    step = milestone(made, "完工")
    first, second = factories.user(name="张一"), factories.user(name="王二")
    url = reverse("project_edit", args=[made.pk])
    client.force_login(second)
    opened = as_opened(client.get(url))

    client.force_login(first)
    theirs = as_opened(client.get(url)) | {
        "name": "张的名",
        "lead_unit": "乙局",
        "milestones-0-note": "张的说明",
    }
    assert client.post(url, theirs).status_code == 302

    client.force_login(second)
    page = client.post(url, opened | {"name": "王的名", "responsible_unit": "县政府"})
    assert page.status_code == 409
    rows = {row["label"]: (row["theirs"], row["mine"], row["taken"]) for row in page.context["conflict"]}
    assert rows == {
        "项目名称": ("张的名", "王的名", False),
        "牵头单位": ("乙局", "甲局", True),
        "完工　说明": ("张的说明", "—", True),
    }
    made.refresh_from_db()
    assert made.name == "张的名"

    sheet = page.context["sheet"]
    again = {
        bound.html_name: "" if bound.value() is None else bound.value()
        for form in [sheet.form, *sheet.milestones.forms, *sheet.funds.forms]
        for bound in form
    } | {
        f"{rows.prefix}-{name}": rows.data[f"{rows.prefix}-{name}"]
        for rows in sheet.formsets
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    context = page.context
    again |= {"version": context["version"], "was": context["was"], "submit_key": new_key()}
    assert client.post(url, again).status_code == 302
    made.refresh_from_db()
    step.refresh_from_db()
    assert (made.name, made.lead_unit, made.responsible_unit) == ("王的名", "乙局", "县政府")
    assert step.note == "张的说明"


def test_the_manager_phone_is_masked_and_kept(login):
    made = project(manager_phone="15412345678")
    client = login(factories.user())
    page = client.get(reverse("project_edit", args=[made.pk]))

    assert (
        "15412345678"
        not in page.content.decode() + client.get(reverse("project_detail", args=[made.pk])).content.decode()
    )
    assert "15412345678" not in json.dumps(page.context["was"])
    client.post(reverse("project_edit", args=[made.pk]), as_opened(page) | {"name": "新名"})
    made.refresh_from_db()
    assert (made.name, made.manager_phone) == ("新名", "15412345678")


# Single steps


def test_moving_a_milestone_keeps_the_old_date_and_says_why(login):
    step = milestone(project(), target="2026年6月")
    client = login(factories.user())
    url = reverse("milestone_move", args=[step.pk])

    assert client.post(url, {"target": "8月底前"}).status_code == 422
    client.post(url, {"target": "8月底前", "reason": "雨季长", "submit_key": new_key()})
    client.post(url, {"target": "9月", "reason": "又晚了", "submit_key": new_key()})

    step.refresh_from_db()
    assert (step.planned_text, step.planned_end) == ("2026年6月", date(2026, 6, 30))
    assert (step.revised_text, step.due) == ("9月", date(2026, 9, 30))
    text = client.get(reverse("project_detail", args=[step.project_id])).content.decode()
    assert "2026年6月 → 8月底前，原因：雨季长" in text
    assert "8月底前 → 9月，原因：又晚了" in text


def test_a_milestone_is_done_on_a_day_not_in_the_future(login):
    step = milestone(project(), target="2026年6月")
    client, url = login(factories.user()), reverse("milestone_done", args=[step.pk])
    today = timezone.localdate()

    assert client.post(url, {"on": today + timedelta(1)}).status_code == 422
    client.post(url, {"on": today.isoformat()})

    step.refresh_from_db()
    assert step.done_on == today


def test_a_step_on_an_outdated_page_is_stopped(login):
    made = project(version=3)
    page = login(factories.user()).post(
        reverse("project_block", args=[made.pk]), {"reason": "征地", "version": "2"}
    )

    assert page.status_code == 409
    assert "刚刚被别人修改过" in page.content.decode()


def test_an_obstacle_and_its_end(login):
    made = project(state="30")
    client = login(factories.user())

    client.post(reverse("project_block", args=[made.pk]), {"reason": "土地政策原因"})
    made.refresh_from_db()
    assert (made.state, made.blocked_reason) == ("40", "土地政策原因")
    assert "停滞" in client.get(reverse("project_detail", args=[made.pk])).content.decode()
    client.post(reverse("project_unblock", args=[made.pk]))
    made.refresh_from_db()
    assert (made.state, made.blocked_reason) == ("30", "")
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "project.block", "project.unblock",
    ]  # fmt: skip


def test_progress_behind_the_calendar_is_a_risk(login):
    today = timezone.localdate()
    made = project(state="30", finish_end=today + timedelta(100), finish_text="x", progress=90)
    client = login(factories.user())

    client.post(
        reverse("project_progress", args=[made.pk]),
        {"progress": "20", "state": "30", "started_on": (today - timedelta(100)).isoformat()},
    )

    assert names(client.get(LIST, {"figure": "risk"})) == [made.name]


def test_a_household_is_found_added_and_taken_out(login):
    made = project()
    here = factories.household(at=VILLAGE + "01")
    away = factories.household(at="99010210200101")
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN))
    url = reverse("beneficiary_add", args=[made.pk])

    found = client.get(url, {"q": here.head_name})
    assert [row.pk for row in found.context["households"]] == [here.pk]
    assert not client.get(url, {"q": away.number}).context["households"]
    assert client.post(url, {"household": away.pk, "item": "入户路"}).status_code == 422
    client.post(
        url, {"household": here.pk, "item": "入户路", "quantity": "110", "unit": "米", "money": "1200.5"}
    )

    row = Beneficiary.objects.get()
    assert (row.household, row.quantity, row.money) == (here, 110, Decimal("1200.50"))
    again = client.post(url, {"household": here.pk, "item": "入户路"})
    assert "已经登记" in again.content.decode()
    shown = client.get(reverse("project_detail", args=[made.pk])).content.decode()
    assert here.head_name in shown
    client.post(reverse("beneficiary_remove", args=[row.pk]))
    assert not Beneficiary.objects.exists()


def test_households_are_hidden_from_who_may_not_see_households(login):
    made = project()
    here = factories.household(at=VILLAGE + "01")
    Beneficiary.objects.create(project=made, household=here, item="入户路")

    text = login(factories.user(Role.FINANCE)).get(reverse("project_detail", args=[made.pk])).content.decode()

    assert here.head_name not in text
    assert "受益户不在您的查看范围内" in text


def test_the_detail_page_takes_as_many_queries_with_more_rows(login, django_assert_max_num_queries):
    made = project(villages=[VILLAGE, NEXT])
    for n in range(12):
        milestone(made, f"节点{n}")
        row = Beneficiary(project=made, household=factories.household(at=VILLAGE + "01"), item=f"{n}")
        row.save()
    client = login(factories.user())

    with django_assert_max_num_queries(17):
        client.get(reverse("project_detail", args=[made.pk]))


# What other pages ask


@pytest.mark.parametrize("mine", [False, True])
def test_todo_counts_are_the_lists_counts(login, mine):
    user = factories.user(name="李秀兰")
    today = timezone.localdate()
    for n in (-30, -1, 0, 30, 31):
        for manager in ("李秀兰", "别人"):
            made = project(state="30", finish_end=today + timedelta(n), manager=manager)
            Milestone.objects.create(project=made, name="完工", planned_end=today + timedelta(n))
    scope, client = Scope(user, today, mine), login(user)

    for source in todo.SOURCES:
        tally = source.count(scope)
        assert (tally.total, tally.late) == ((4, 2) if mine else (8, 4))
        for late, number in ((False, tally.total), (True, tally.late)):
            assert client.get(source.url(scope, late)).context["page"].paginator.count == number
        items = source.items(scope, 3)
        assert [item.due for item in items] == sorted(item.due for item in items)
        assert client.get(items[0].url).status_code == 200


def test_the_household_page_names_its_projects():
    made, user = project(), factories.user()
    here = factories.household(at=VILLAGE + "01")
    today = timezone.localdate()
    assert panels.of_household(user, here, today) is None

    Beneficiary.objects.create(project=made, household=here, item="入户路")

    assert [row.project for row, _ in panels.of_household(user, here, today)["rows"]] == [made]
    assert panels.of_household(factories.user(at="990102"), here, today) is None


def test_the_milestone_list_filters_by_place_and_person(login):
    made, other = project(state="30", manager="甲"), project(at=NEXT, state="30", manager="乙")
    for each in (made, other):
        milestone(each, target="2020年")
    client = login(factories.user(name="甲"))
    url = reverse("milestone_list")

    assert len(client.get(url).context["lines"]) == 2
    for query in ({"region": VILLAGE}, {"mine": "1"}, {"due": "over", "mine": "1"}):
        page = client.get(f"{url}?{urlencode(query)}")
        assert [row.project for row, _ in page.context["lines"]] == [made]
