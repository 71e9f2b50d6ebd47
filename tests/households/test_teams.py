"""Work teams: members, the month sheet and its versions, R11."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.filing.models import YearFreeze
from households.actions.teams import save_attendance
from households.models import Attendance, TeamMember, Visit
from households.models.team import EMPTY, tally
from tests import factories
from tests.households.test_summaries import download
from tests.workbooks import found, imported, made

pytestmark = pytest.mark.django_db

VILLAGE, OTHER = "990101100201", "990101100202"
LAST = timezone.localdate().year - 1
MARCH = f"{LAST}-03"


def sheet(client, **query):
    return client.get(reverse("attendance"), {"month": MARCH, **query})


def submit(client, typed, **query):
    address = (
        reverse("attendance") + "?" + "&".join(f"{k}={v}" for k, v in ({"month": MARCH} | query).items())
    )
    return client.post(address, typed)


def typed(member, signs="", *, version=0, **more):
    cells = {f"d-{member.pk}-{n}": sign for n, sign in enumerate(signs, 1)}
    return (
        cells
        | {f"version-{member.pk}": version}
        | {f"{name}-{member.pk}": value for name, value in more.items()}
    )


@pytest.fixture
def operator(login):
    factories.region(OTHER)
    return login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))


def test_days_are_tallied_by_what_they_were():
    found = tally("1112233456700")
    assert (found.present, found.leave, found.away, found.absent, found.holiday, found.due) == (
        3,
        3,
        3,
        1,
        1,
        10,
    )
    assert tally(EMPTY).due == 0


def test_a_township_registers_a_member_and_fills_the_month(operator):
    helper = factories.helper(name="白敬业", unit="测试县医院", region_path="990101100")
    operator.post(reverse("team_member_new"), {
        "region": factories.region(VILLAGE).pk, "name": " 白敬业 ", "unit": "测试县医院", "duty": "1",
        "starts_on": f"{LAST}-03-04", "ends_on": "", "note": "",
    })  # fmt: skip
    member = TeamMember.objects.get()
    assert (member.name, member.helper, member.region_path) == ("白敬业", helper, VILLAGE)

    page = sheet(operator).content.decode()
    assert (
        f'name="d-{member.pk}-4"' in page and f'name="d-{member.pk}-3"' not in page
    )  # there from the 4th on

    assert submit(operator, typed(member, "   √1△2○×培休节", diaries="6", note="下乡")).status_code == 302
    row = Attendance.objects.get()
    assert row.days == "0001122345670" + "0" * 18
    assert (row.diaries, row.note, row.version) == (6, "下乡", 1)
    event = AuditEvent.objects.get(action="attendance.save")
    assert event.region_path == VILLAGE and ["日记篇数", "", "6"] in event.detail["changes"]


def test_a_correction_is_a_new_version_and_two_at_once_lose_nothing(operator):
    member = factories.team_member(name="文建国")
    submit(operator, typed(member, "√√"))

    assert submit(operator, typed(member, "√△", version=1)).status_code == 302
    row = Attendance.objects.get()
    assert (row.version, row.days[:2]) == (2, "12")

    late = submit(operator, typed(member, "××", version=1))
    page = late.content.decode()
    assert late.status_code == 409
    assert "刚刚保存过这一行（√△" in page
    assert f'name="d-{member.pk}-1" value="×"' in page and f'name="version-{member.pk}" value="2"' in page
    assert Attendance.objects.get().days[:2] == "12"
    assert submit(operator, typed(member, "××", version=2)).status_code == 302
    assert Attendance.objects.get().days[:2] == "44"


def test_what_is_wrong_is_named_and_nothing_typed_is_lost(operator):
    good, bad = factories.team_member(), factories.team_member(name="安和")
    answer = submit(operator, typed(good, "√") | typed(bad, "√？", diaries="十篇"))
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and "2 日的内容不认识" in page
        and 'value="？"' in page
        and 'value="十篇"' in page
    )
    assert not Attendance.objects.exists()


def test_the_rest_of_a_month_is_filled_at_a_tick(operator):
    member = factories.team_member()
    submit(operator, typed(member, "△", fill="1"))
    row = Attendance.objects.get()
    weekends = sum(date(LAST, 3, n).weekday() >= 5 for n in range(2, 32))
    assert row.days[0] == "2" and row.days.count("7") == weekends and row.days.count("1") == 30 - weekends


def test_a_pasted_sheet_goes_into_the_cells_and_is_saved_only_then(operator):
    member = factories.team_member(name="申家旺")
    pasted = "1\t测试村01\t申家旺\t测试县教育局\t队员\t√\t△\t√\n2\t测试村01\t查无此人\t某局\t队员\t√"
    page = submit(operator, typed(member) | {"pasted": pasted, "paste": "1"}).content.decode()
    assert f'name="d-{member.pk}-2" value="△"' in page and "查无此人" in page
    assert not Attendance.objects.exists()


def test_days_outside_the_stay_or_still_to_come_are_refused():
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    member = factories.team_member(starts_on=date(LAST, 3, 10))
    row = {"days": "1" + "0" * 30, "diaries": None, "note": ""}
    with pytest.raises(ValidationError, match="不在驻村期间"):
        save_attendance(year=LAST, month=3, rows=[(member, 0, row)], by=user)
    with pytest.raises(ValidationError, match="还没有到"):
        save_attendance(year=LAST + 2, month=1, rows=[(member, 0, row)], by=user)
    with pytest.raises(ValidationError, match="没有 31 日"):
        save_attendance(year=LAST, month=4, rows=[(member, 0, row | {"days": "0" * 30 + "1"})], by=user)


def test_a_frozen_year_takes_no_attendance():
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    member = factories.team_member()
    YearFreeze.objects.create(
        region_path="990101", unit="测试县", year=LAST, as_of=date(LAST, 12, 31), by=user
    )
    with pytest.raises(ValidationError, match="冻结"):
        save_attendance(
            year=LAST, month=3, rows=[(member, 0, {"days": EMPTY, "diaries": 1, "note": ""})], by=user
        )


def test_the_team_itself_reads_its_sheet_and_changes_nothing(login):
    member = factories.team_member()
    team = login(factories.user(Role.WORK_TEAM, at=VILLAGE))
    page = sheet(team)
    assert page.status_code == 200 and f'name="d-{member.pk}-1"' not in page.content.decode()
    assert submit(team, typed(member, "√")).status_code == 403
    assert not Attendance.objects.exists()


def test_another_townships_member_is_not_there(operator):
    far = factories.team_member(at="990101200201")
    assert operator.get(reverse("team_member_edit", args=[far.pk])).status_code == 404
    assert submit(operator, typed(far, "√")).status_code == 302  # its cells are nobody's on this sheet
    assert not Attendance.objects.exists()


def test_who_goes_to_another_village_is_a_new_row(operator):
    member = factories.team_member()
    submit(operator, typed(member, "√"))
    answer = operator.post(reverse("team_member_edit", args=[member.pk]), {
        "region": factories.region(OTHER).pk, "name": member.name, "unit": member.unit, "duty": "3",
        "starts_on": "2020-01-01", "ends_on": "", "note": "", "version": 1,
    })  # fmt: skip
    assert answer.status_code == 422 and "在新村登记一行" in answer.content.decode()


def test_r11_sums_the_month_by_team_with_diaries_and_visits(operator):
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100")
    helper = factories.helper(name="白敬业")
    lead = factories.team_member(name="白敬业", duty="1", helper=helper)
    factories.team_member(name="文建国", starts_on=date(LAST, 3, 30))
    alone = factories.team_member(name="安和", at=OTHER)
    factories.team_member(name="已离队", ends_on=date(LAST, 1, 31))
    save_attendance(
        year=LAST, month=2, by=user, rows=[(lead, 0, {"days": "1" * 28 + "000", "diaries": 3, "note": ""})]
    )
    save_attendance(year=LAST, month=3, by=user, rows=[
        (lead, 0, {"days": "1" * 20 + "223456" + "7" * 5, "diaries": 9, "note": "好"}),
        (alone, 0, {"days": "1" * 10 + "0" * 21, "diaries": None, "note": ""}),
    ])  # fmt: skip
    visit = Visit.objects.create(
        household=factories.household(at=f"{VILLAGE}01"),
        region_path=f"{VILLAGE}01",
        on=date(LAST, 3, 9),
        content="走访",
    )
    visit.helpers.add(helper)

    book = download(operator, "R11", year=LAST, month=3, region="990101100")
    head, body = book["A3:P4"], [[cell.value for cell in row] for row in book["A5:P11"]]
    assert [head[0][11].value, head[1][12].value] == ["本年累计", "在岗"]
    rows = {row[2] or row[1]: row for row in body}
    #                          应在岗 在岗 请假 公出 缺岗
    assert rows["白敬业"][5:10] == [26, 20, 3, 2, 1] and rows["白敬业"][11:16] == [54, 48, 9, 1, "好"]
    assert float(rows["白敬业"][10]) == pytest.approx(20 / 26)
    assert rows["文建国"][5:9] == [0, 0, 0, 0] and rows["文建国"][10] == "—"
    assert rows["文建国"][15] == "2 天未填；03-30 进驻" and rows["文建国"][14] is None
    assert rows["安和"][15] == "21 天未填"
    assert rows["测试村01小计"][5:10] == [26, 20, 3, 2, 1] and rows["测试村02小计"][6] == 10
    assert rows["合计"][5:10] == [36, 30, 3, 2, 1] and "已离队" not in rows
    notes = "".join(str(row[0].value) for row in book.iter_rows(min_row=12) if row[0].value)
    assert "勾稽核对：6 项全部相符" in notes


def test_the_list_and_the_sheet_cost_the_same_for_many(operator, django_assert_max_num_queries):
    for _ in range(12):
        factories.team_member()
    with django_assert_max_num_queries(25):  # session, user, posts, scope menu; members, villages, months
        sheet(operator)
    with django_assert_max_num_queries(25):
        operator.get(reverse("team_list"))


DAYS_OF_MARCH = [str(n) for n in range(1, 32)]
MARCH_TITLE = f"{LAST}年3月驻村工作队考勤表"


def stationed(name, at=VILLAGE, unit="县医院", **more):
    return TeamMember.objects.create(
        region=factories.region(at), region_path=at, name=name, unit=unit, **({"starts_on": date(LAST, 1, 1)} | more)
    )  # fmt: skip


def test_a_month_sheet_is_imported_through_the_one_engine(operator, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    li, namesake, wang = stationed("李明"), stationed("李明", OTHER), stationed("王 芳", unit="县中学")
    header = ("序号", "村", "姓名", "单位", *DAYS_OF_MARCH, "备注")
    month = "√✓1△○×培休节" + "√" * 22
    rows = [
        (1, "测试村01", "李明", "县医院", *month, "下乡"), (2, "测试村02", "李明", "县医院", *["√"] * 31, ""),
        (3, "测试村01", "王芳", "县中学", *["√"] * 30, "？", ""), (4, "测试村01", "无此人", "县中学", *["√"] * 31, ""),
    ]  # fmt: skip
    batch = imported(operator, made(header, *rows, title=MARCH_TITLE))

    assert batch.kind == "attendance"
    assert sorted(code for code, _ in found(batch)) == ["attendance_sign", "team_member_missing"]
    kept = Attendance.objects.get(member=li)
    assert (kept.days[:9], kept.year, kept.month, kept.note) == ("111234567", LAST, 3, "下乡")
    assert tally(Attendance.objects.get(member=namesake).days).present == 31
    assert not Attendance.objects.filter(member=wang).exists()
    event = AuditEvent.objects.filter(action="attendance.import").order_by("pk").first()
    assert event.region_path == VILLAGE and event.detail["item"] == "3 月"

    # a second file fills in; what it leaves blank stays; 1号 and 月份 as other offices write them
    header = ("姓名", "月份", *(f"{n}号" for n in range(1, 32)), "日记篇数")
    batch = imported(
        operator,
        made(header, ("王芳", f"{LAST}-03", *["√"] * 30, "", 6), ("李明", f"{LAST}-03", *["√"] * 31, "")),
    )
    assert [code for code, _ in found(batch)] == ["team_member_unclear"]
    assert (Attendance.objects.get(member=wang).days, Attendance.objects.get(member=wang).diaries) == (
        "1" * 30 + "0",
        6,
    )
    kept.refresh_from_db()
    assert kept.version == 1


def test_a_month_sheet_outside_the_stay_or_of_a_frozen_year_is_refused(operator, settings, tmp_path):
    settings.FILES = tmp_path / "files"
    stationed("李明", starts_on=date(LAST, 3, 4))
    header = ("姓名", *DAYS_OF_MARCH)
    book = made(header, ("李明", *["√"] * 31), title=MARCH_TITLE)
    assert [code for code, _ in found(imported(operator, book))] == ["attendance_misfit"]
    YearFreeze.objects.create(
        region_path="990101",
        unit="县",
        year=LAST,
        as_of=date(LAST, 12, 31),
        state="frozen",
        by=factories.user(),
    )
    book = made(header, ("李明", *[""] * 3, *["√"] * 28), title=MARCH_TITLE)
    assert [code for code, _ in found(imported(operator, book))] == ["attendance_misfit"]
    assert not Attendance.objects.exists()
