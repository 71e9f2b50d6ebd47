"""公示, 公告 and 评议记录: who stands on them, for how long they hang, and that nothing personal can get there."""

import io
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from fupin.accounts.pii import without_numbers
from fupin.accounts.roles import Role
from households import kept, postings
from households.actions.postings import save_posting_setting
from households.actions.register import Stale
from households.models import HouseholdCause, MemberYear, PostingSetting, StatusChange
from households.models.posting import last_day
from tests import factories
from tests.parts import one_of

pytestmark = pytest.mark.django_db
VILLAGE = "990101100201"
ON = "2026-03-02"


@pytest.fixture
def office(login):
    return login(factories.user(Role.COUNTY_OFFICE, at="990101"))


def asked(*homes, **more):
    return {"region": VILLAGE, "procedure": "exit", "on": ON, "pick": [home.pk for home in homes]} | more


def text(answer):
    return b"".join(answer).decode()


def cells(answer):
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return "\n".join(str(cell) for row in sheet.values for cell in row if cell is not None)


def planted():
    """A household under every procedure at once, with a number, a phone, an account and an illness wherever text can
    stand, in the name too."""
    home = factories.household(
        members=2, registry_status="3", monitor_category="3", risk_state="1", risks="01,03", phone="15400000007",
        bank_account="6228480000000000317", bank_name="农商行甲", address="村口 15400000008", remark="尿毒症 15400000009",
    )  # fmt: skip
    home.members.filter(relation="01").update(name="赵甲15400000010")
    for member in home.members.all():
        MemberYear.objects.create(
            member=member,
            year=2026,
            health="03",
            disability_kind="2",
            health_help="透析",
            disability_no="9901012",
        )
    HouseholdCause.objects.create(household=home, year=2026, rank=0, cause="01", note="肺结核")
    for step in postings.BY_NAME:
        StatusChange.objects.create(
            household=home,
            step=step,
            on=date(2026, 2, 1),
            reason="患癌 15400000011",
            document="县字〔2026〕3号15400000012",
        )
    kept.refresh([home.pk])
    home.refresh_from_db()
    secrets = [
        *home.members.values_list("id_number", flat=True), "154000000", "6228480000000000317", "农商行甲", "尿毒症", "透析",
        "肺结核", "患癌", "因病", "因残", "大病", "残疾", "听力", "9901012", "村口",
    ]  # fmt: skip
    return home, secrets


@pytest.mark.parametrize("procedure", one_of(4, postings.BY_NAME))
@pytest.mark.parametrize("stage", [postings.BEFORE, postings.AFTER, postings.MINUTES])
def test_nothing_personal_can_get_on_a_wall(office, procedure, stage, monkeypatch):
    home, secrets = planted()
    # What is tested is the sheet, not who may stand on it: this household is under every procedure at once.
    everybody = replace(postings.BY_NAME[procedure], who=Q(pk=home.pk))
    monkeypatch.setitem(postings.BY_NAME, procedure, everybody)
    given = asked(home, procedure=procedure, stage=stage, form=stage, since="2026-01-01", until="2026-12-31")
    page = text(office.post(reverse("posting_sheet"), given))
    sheet = page.split("<article")[1].split("</article")[0]
    assert "赵甲" in sheet
    assert not [secret for secret in secrets if secret in sheet]
    if stage != postings.MINUTES:
        book = cells(office.post(reverse("posting_workbook"), given))
        assert "赵甲" in book
        assert not [secret for secret in secrets if secret in book]


def test_the_numbers_of_free_text_are_taken_out_and_amounts_stay():
    assert without_numbers(
        "电话138 0000 0000，990101197001010014，金额1200000元，2026-01-01至2026-12-31"
    ) == ("电话（略），（略），金额1200000元，2026-01-01至2026-12-31")
    assert without_numbers("6228 4800 0000 0000 317、0830-1234567") == "（略）、（略）"


def test_a_child_as_head_keeps_its_name(office):
    home = factories.household(registry_status="2")
    home.members.update(birth="2018-01-01")
    page = text(office.post(reverse("posting_sheet"), asked(home)))
    assert home.head_name not in page
    assert f"{home.head_name[0]}某" in page


@pytest.mark.parametrize(
    ("year", "procedure", "stage", "title"),
    [
        (2019, "exit", "before", "拟退出贫困户公示"),
        (2026, "exit", "before", "拟退出在帮扶户公示"),
        (2013, "identify", "after", "新识别贫困户公告"),
        (2024, "monitor", "before", "拟纳入监测对象公示"),
        (2026, "monitor", "after", "新纳入防止返贫致贫对象公告"),
        (2026, "clear_risk", "after", "防止返贫致贫对象消除风险公告"),
    ],
)
def test_the_words_are_those_of_the_year(year, procedure, stage, title):
    home = postings.Home("1组", "赵甲", 3)
    made = postings.sheet_of(
        postings.BY_NAME[procedure], stage, village="石桥村", homes=[home],
        posting=PostingSetting.objects.for_place(VILLAGE), on=date(year, 3, 2),
    )  # fmt: skip
    assert made.title == f"石桥村{year}年{title}"
    assert "1 户 3 人" in made.paragraphs[0]
    if year > 2020:
        assert "贫困户" not in str(made)


def test_the_period_is_that_of_the_nearest_place(office):
    home = factories.household(registry_status="2")
    address = reverse("posting_sheet")
    assert "公示期 7 天，自 2026 年 3 月 2 日 至 2026 年 3 月 8 日" in text(office.post(address, asked(home)))

    given = {
        "unit": "测试县农业农村局",
        "contact": "王主任",
        "phone": "0830-1234567",
        "exit": "9",
        "version": "0",
    }
    answer = office.post(f"{reverse('posting_setting')}?region=990101", given)
    assert answer.status_code == 302
    by = factories.user()
    save_posting_setting(
        path="990101100", version=0, texts={"supervision": "0830-7654321"}, periods={"exit": (5, True)}, by=by
    )
    page = text(office.post(address, asked(home)))
    assert "公示期 5 个工作日，自 2026 年 3 月 2 日 至 2026 年 3 月 6 日" in page
    assert "联系电话：0830-1234567　监督电话：0830-7654321" in page
    assert "王主任" in page


def test_a_period_below_the_least_and_an_old_version_are_refused(office):
    factories.region("990101100")
    by = factories.user()
    given = {"path": "990101", "texts": {}, "periods": {"exit": (7, False)}, "by": by}
    save_posting_setting(version=0, **given)
    with pytest.raises(Stale):
        save_posting_setting(version=0, **given)
    with pytest.raises(ValidationError, match="5 至 60"):
        save_posting_setting(version=1, **given | {"periods": {"monitor": (3, False)}})
    answer = office.post(
        f"{reverse('posting_setting')}?region=990101", {"monitor": "3", "unit": "留住", "version": "1"}
    )
    assert answer.status_code == 422
    assert "留住" in text(answer)


def test_working_days_leave_the_week_end_out():
    assert last_day(date(2026, 3, 6), 3, working=True) == date(2026, 3, 10)
    assert last_day(date(2026, 3, 7), 1, working=True) == date(2026, 3, 9)
    assert last_day(date(2026, 3, 7), 5) == date(2026, 3, 11)


def test_only_who_stands_in_the_procedure_and_in_ones_place_can_be_put_up(login):
    leaving, poor = factories.household(registry_status="2"), factories.household()
    other = factories.household(at="99010110020201", registry_status="2")
    clerk = login(factories.user(Role.VILLAGE_CLERK, at=VILLAGE))
    page = text(clerk.post(reverse("posting_sheet"), asked(leaving, poor, other)))
    assert leaving.head_name in page
    assert poor.head_name not in page
    assert other.head_name not in page
    answer = clerk.post(reverse("posting_sheet"), asked(other) | {"region": "990101100202"})
    assert answer.status_code == 404
    assert other.head_name not in text(answer)


def test_a_notice_after_lists_the_steps_of_the_time_with_their_papers(office):
    inside, outside = (factories.household(registry_status="3", exit_year=2026) for _ in range(2))
    for home, on in ((inside, date(2026, 2, 1)), (outside, date(2025, 2, 1))):
        StatusChange.objects.create(household=home, step="exit", on=on, document="县字〔2026〕3号")
    given = {
        "region": VILLAGE,
        "procedure": "exit",
        "stage": "after",
        "since": "2026-01-01",
        "until": "2026-12-31",
    }
    page = text(office.get(reverse("posting_pick"), given))
    assert page.count('name="pick"') == page.count('name="pick" data-pick ') > 0  # what 全选 ticks
    assert inside.head_name in page
    assert outside.head_name not in page
    other = text(office.get(reverse("posting_pick"), given | {"procedure": "monitor"}))
    assert "退出 1 户</a>" in other  # where there is none, what was done instead
    page = text(office.post(reverse("posting_sheet"), asked(inside, **given)))
    assert "县级审定（县字〔2026〕3号）" in page
    assert "公示期" not in page


def test_minutes_are_prefilled(office):
    homes = [factories.household(registry_status="2") for _ in range(2)]
    page = text(office.post(reverse("posting_sheet"), asked(*homes, form="minutes", where="老小学")))
    for words in (
        "民主评议记录",
        "2026 年 3 月 2 日",
        "老小学",
        "拟退出在帮扶户民主评议（2 户）",
        "同意",
        *(h.head_name for h in homes),
    ):
        assert words in page


def test_what_was_typed_stays_when_something_is_wrong(office):
    homes = [factories.household(registry_status="2") for _ in range(2)]
    answer = office.post(reverse("posting_sheet"), asked(homes[1], on="3月2日", where="老小学"))
    assert answer.status_code == 422
    page = text(answer)
    assert "老小学" in page
    assert page.count(" checked>") == 1
    assert "日期“3月2日”不对" in page


def test_the_page_costs_the_same_for_one_household_and_for_many(office):
    def cost():
        with CaptureQueriesContext(connection) as found:
            office.get(reverse("posting_pick"), {"region": VILLAGE, "procedure": "exit"})
        return len(found)

    factories.household(registry_status="2")
    one = cost()
    for _ in range(5):
        factories.household(registry_status="2")
    assert cost() == one
