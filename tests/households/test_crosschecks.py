"""Bureaus' lists: clues with a deadline, never a change of the register; looked at, closed, opened again."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from households.models import CrossCheck, Household, Member
from tests import factories
from tests.workbooks import found, imported, made, uploaded

pytestmark = pytest.mark.django_db
LIST = reverse("crosscheck_list")


@pytest.fixture
def clerk(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    factories.region("99010110020101")
    return factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")


@pytest.fixture
def client_of(login, clerk):
    return login(clerk)


def vehicles(*people, name="车管所名单.xlsx"):
    rows = [(n, who.name, who.id_number, f"川A1234{n}", "小型轿车") for n, who in enumerate(people, 1)]
    return made(
        ("序号", "姓名", "身份证号", "车牌号", "备注"), *rows, title="2026年9月机动车登记名单", name=name
    )


def test_a_list_of_cars_makes_a_clue_for_each_matched_household(client_of):
    ours, other = factories.household(members=2), factories.household(at="99010210020101")
    stranger = Member(name="陌路人", id_number=factories.id_number(499, born="19800101"))
    son = ours.members.last()
    before = list(Household.objects.values("registry_status", "version")), list(Member.objects.values())

    batch = imported(client_of, vehicles(son, other.members.get(), stranger))

    assert batch.kind == "check_vehicle"
    assert {key: batch.report[key] for key in ("rows", "matched", "unmatched", "households")} == {
        "rows": 3, "matched": 1, "unmatched": 2, "households": 1,
    }  # fmt: skip
    assert batch.report["written"] == {"clues_new": 1, "clues_same": 0}
    check = CrossCheck.objects.get()
    assert (check.household, check.member, check.source, check.get_kind_display()) == (
        ours,
        son,
        "公安",
        "车辆",
    )
    assert (check.fact, check.value) == ("车辆：川A***（小型轿车）", "川A12341")
    assert (check.title, check.weak, check.result) == ("2026年9月机动车登记名单", False, "09")
    assert check.due_end == timezone.localdate() + timedelta(days=15)
    assert (
        list(Household.objects.values("registry_status", "version")),
        list(Member.objects.values()),
    ) == before
    ours.refresh_from_db()
    assert ours.doubts == 1
    event = AuditEvent.objects.get(action="crosscheck.import")
    assert event.detail == {"batch": batch.pk, "household": ours.pk}


def test_nothing_of_people_who_are_not_in_the_register_is_kept(client_of):
    factories.household()
    stranger = Member(name="陌路人", id_number=factories.id_number(499, born="19800101"))

    batch = imported(client_of, vehicles(stranger))

    kept = str([batch.issues, batch.columns, batch.report])
    assert "陌路人" not in kept
    assert "川A" not in kept
    assert stranger.id_number[:14] not in kept


def test_the_same_list_twice_and_next_months_list_make_no_second_clue(client_of):
    who = factories.household().members.get()
    imported(client_of, vehicles(who))
    CrossCheck.objects.update(result="02", note="去年就有", closed_on=date(2026, 10, 1))

    again = imported(client_of, vehicles(who))
    later = imported(client_of, vehicles(who, name="十月.xlsx"))

    assert again.report["written"] == later.report["written"] == {"clues_new": 0, "clues_same": 1}
    assert CrossCheck.objects.get().result == "02"


def test_without_a_usable_number_name_and_birth_are_a_weaker_match(client_of):
    one = factories.member(factories.household(), name="扎西")
    twins = [factories.member(factories.household(), name="卓玛") for _ in range(2)]
    Member.objects.filter(pk=one.pk).update(birth=date(1981, 2, 3))
    Member.objects.filter(pk__in=[who.pk for who in twins]).update(birth=date(1982, 2, 3))
    wrong = "99010119810203" + "0000"

    batch = imported(client_of, made(
        ("姓名", "身份证号", "出生日期", "死亡日期"),
        ("扎西", wrong, "", "2026-08-01"), ("卓玛", "", "1982年2月3日", "2026-08-02"), ("无名", "", "", "2026-08-03"),
        ("扎西", "", "1999-01-01", "2026-08-04"),
    ))  # fmt: skip

    assert batch.kind == "check_death"
    check = CrossCheck.objects.get()
    assert (check.member, check.weak, check.fact) == (one, True, "死亡、户籍注销：2026-08-01")
    assert found(batch) == [("check_no_person", "B4")]
    assert (batch.report["matched_weakly"], batch.report["unmatched"]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "title", "kind"),
    [
        ("2026年9月份农村低保备案表.xlsx", "", "check_dibao"),
        ("名单.xlsx", "全县持证残疾人名单", "check_disability"),
        ("城乡特困人员备案表.xlsx", "", "check_tekun"),
        ("名单.xlsx", "财政供养人员名单", "check_payroll"),
        ("孤儿及事实无人抚养儿童发放花名册.xlsx", "", "check_relief"),
    ],
)
def test_a_list_of_names_is_known_by_its_title_or_file_name(client_of, name, title, kind):
    who = factories.household().members.get()

    batch = uploaded(
        client_of, made(("姓名", "身份证号码"), (who.name, who.id_number), title=title, name=name)
    )

    assert (batch.kind, batch.report["matched"]) == (kind, 1)


@pytest.mark.parametrize(
    ("header", "kind"),
    [("号牌号码", "check_vehicle"), ("不动产权证号", "check_estate"), ("统一社会信用代码", "check_company"), ("死亡日期", "check_death")],
)  # fmt: skip
def test_a_telling_column_says_which_list_it_is(client_of, header, kind):
    who = factories.household().members.get()

    batch = uploaded(
        client_of, made(("姓名", "公民身份号码", header), (who.name, who.id_number, "2026-01-01"))
    )

    assert (batch.kind, batch.report["matched"]) == (kind, 1)


def test_names_alone_need_the_users_word(client_of):
    who = factories.household().members.get()
    rows = ("序号", "姓名", "身份证号", "电话"), (1, who.name, who.id_number, "15412345678")

    assert uploaded(client_of, made(*rows)).state == "refused"
    assert uploaded(client_of, made(*rows), kind="check_school").report["matched"] == 1


def test_the_upload_page_offers_every_kind_of_list(client_of):
    text = client_of.get(reverse("import_list")).content.decode()

    for words in (
        "比对名单：车辆",
        "比对名单：不动产",
        "监测对象信息",
        "年度收入和生产生活条件",
        "资金台账",
        "村情",
    ):
        assert words in text


# The clue in the household


def close(client, check, result="03", note="入户看了，车已卖"):
    return client.post(reverse("crosscheck_edit", args=[check.pk]), {"result": result, "note": note})


def test_it_stands_where_doubts_stand(client_of):
    late = factories.crosscheck(factories.household(), due=timezone.localdate() - timedelta(days=2))
    household = late.household

    assert "车辆：川A***" in client_of.get(reverse("household_detail", args=[household.pk])).content.decode()
    assert "车辆：川A***" in client_of.get(reverse("household_doubts", args=[household.pk])).content.decode()
    home = client_of.get(reverse("home"), {"scope": "all"}).content.decode()
    assert f"{household}户核实公安线索：车辆：川A***" in home
    assert "逾期 2 天" in client_of.get(LIST).content.decode()
    assert "川A0" not in home + client_of.get(LIST).content.decode()


def test_closing_takes_a_result_and_words_and_counts_once(client_of, clerk):
    check = factories.crosscheck(factories.household())

    assert close(client_of, check, note=" ").status_code == 422
    assert close(client_of, check, result="").status_code == 422
    assert close(client_of, check).status_code == 302
    second = close(client_of, check, result="01")

    assert "已经有人核实过" in second.content.decode()
    check.refresh_from_db()
    assert (check.result, check.note, check.closed_on, check.closed_by) == ("03", "入户看了，车已卖", timezone.localdate(), clerk)  # fmt: skip
    check.household.refresh_from_db()
    assert check.household.doubts == 0
    event = AuditEvent.objects.get(action="crosscheck.close")
    assert (event.user, event.detail["result"]) == (clerk, "03")


def test_still_to_be_looked_at_keeps_it_open(client_of):
    check = factories.crosscheck(factories.household())

    close(client_of, check, result="09", note="户主外出，下周再去")

    check.refresh_from_db()
    assert (check.result, check.note, check.closed_on) == ("09", "户主外出，下周再去", None)
    assert "户主外出" in client_of.get(reverse("crosscheck_edit", args=[check.pk])).content.decode()


def test_a_wrong_result_is_opened_again(client_of):
    check = factories.crosscheck(factories.household())
    close(client_of, check)

    client_of.post(reverse("crosscheck_reopen", args=[check.pk]), {"reason": "看错了户"})

    check.refresh_from_db()
    assert (check.result, check.closed_on) == ("09", None)
    assert AuditEvent.objects.get(action="crosscheck.reopen").detail["result"] == "03"


def test_who_may_only_look_cannot_close(login):
    check = factories.crosscheck(factories.household())
    client = login(factories.user(Role.AUDITOR))

    assert "记下核实结果" not in client.get(reverse("crosscheck_edit", args=[check.pk])).content.decode()
    assert close(client, check).status_code == 403


def test_the_list_by_source_result_and_lateness(client_of):
    today = timezone.localdate()
    late = factories.crosscheck(factories.household(), due=today - timedelta(days=1))
    soon = factories.crosscheck(
        factories.household(), due=today + timedelta(days=3), kind="71", source="自然资源"
    )
    done = factories.crosscheck(factories.household(), due=today - timedelta(days=9), result="04", note="不符合", closed_on=today)  # fmt: skip
    factories.crosscheck(factories.household(at="99010210020101"))

    def shown(**params):
        return [row.pk for row in client_of.get(LIST, params).context["page"].rows]

    assert shown() == [done.pk, late.pk, soon.pk]
    assert shown(state="over") == [late.pk]
    assert shown(state="near") == [late.pk, soon.pk]
    assert shown(source="自然资源") == [soon.pk]
    assert shown(result="04") == shown(state="done") == [done.pk]
    assert shown(mine="1") == []
    assert shown(region="990102") == []


def test_the_todo_counts_what_its_list_shows(client_of):
    today = timezone.localdate()
    for days in (-3, 2, 40):
        factories.crosscheck(factories.household(), due=today + timedelta(days=days))

    source = next(one for one in client_of.get(reverse("home"), {"scope": "all"}).context["kinds"] if one.source.name == "crosschecks")  # fmt: skip

    assert (source.tally.total, source.tally.late) == (3, 1)
    assert client_of.get(source.url).context["total"].number == 3
    assert client_of.get(source.late_url).context["total"].number == 1


def test_queries_of_the_list_do_not_grow(client_of):
    counts = []
    for _ in range(2):
        for _ in range(5):
            factories.crosscheck(factories.household())
        client_of.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client_of.get(LIST)
        counts.append(len(queries))

    # session, user, posts; places of the filter; rows, names of their places, their number; the trail (2)
    assert counts[0] == counts[1] <= 10


def test_queries_of_an_import_do_not_grow(client_of, django_assert_max_num_queries):
    people = [factories.household().members.get() for _ in range(40)]

    with django_assert_max_num_queries(60):
        uploaded(client_of, vehicles(*people))
