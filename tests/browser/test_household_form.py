"""A household with three members, typed with the keyboard alone: a wrong number, the correction, Ctrl+S."""

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from households import defaults
from households.models import Household
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

TOWN = "990101100"


@pytest.fixture
def page(browser_page):
    factories.region()
    user = factories.user(Role.TOWNSHIP_OPERATOR, at=TOWN)
    opened = browser_page(user)
    opened.goto(f"{reverse('household_new')}?place={TOWN}&year=2025")
    return opened


def type_member(page, name, relation, number):
    """From the name cell to the last cell of a row: what a clerk presses."""
    keyboard = page.keyboard
    keyboard.type(name)
    keyboard.press("Enter")
    page.locator("*:focus").select_option(label=relation)
    keyboard.press("Enter")
    keyboard.type(number)
    keyboard.press("Enter")
    for label in ("汉族", "初中", "非在校生", "健康", "普通劳动力"):
        page.locator("*:focus").select_option(label=label)
        if label != "普通劳动力":
            keyboard.press("Enter")


def test_three_members_by_keyboard_an_error_and_a_correction(page):
    good = [factories.id_number(n) for n in (1, 2, 3)]
    wrong = good[2][:-1] + ("1" if good[2][-1] != "1" else "2")
    page.locator("#id_region").focus()
    page.locator("#id_region").select_option(index=1)
    page.locator("#id_m-0-name").focus()

    type_member(page, "赵一", "户主", good[0])
    page.keyboard.press("Enter")  # the last cell of the last row: a new row
    type_member(page, "赵二", "之子", good[1])
    page.keyboard.press("Alt+n")
    type_member(page, "赵三", "之子", wrong)
    assert page.locator("[data-row]").count() == 3
    assert "校验码不符" in page.locator("#id_m-2-id_number + [data-idmsg]").inner_text()
    page.keyboard.press("Control+s")

    page.wait_for_selector("#problems")
    assert "第 3 名成员「赵三」" in page.locator("#problems").inner_text()
    assert page.locator("#id_m-1-id_number").input_value() == good[1]
    assert page.locator("#id_m-2-name").input_value() == "赵三"
    page.locator("#problems a").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_m-2-id_number"
    page.keyboard.press("Control+a")
    page.keyboard.type(good[2])
    page.keyboard.press("Control+s")

    page.wait_for_url("**/households/*/")
    household = Household.objects.get()
    assert [member.name for member in household.members.all()] == ["赵一", "赵二", "赵三"]
    assert household.size == 3


def test_rows_copied_from_excel_fill_rows(page):
    rows = [
        ("钱大", "本人", factories.id_number(11), "藏", "小学", "", "慢性病、残疾", "弱劳动力"),
        ("钱二", "长子", factories.id_number(12), "藏族", "", "初三", "健康", "无"),
    ]
    page.locator("#id_m-0-name").focus()
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text); data.setData('text', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }""",
        "\n".join("\t".join(row) for row in rows),
    )

    def value(name):
        return page.locator(f"#id_m-{name}").input_value()

    assert page.locator("[data-row]").count() == 2
    assert [value(f"0-{name}") for name in ("name", "relation", "ethnic", "education", "health", "labour")] == [
        "钱大", "01", "04", "02", "02,04", "05",
    ]  # fmt: skip
    assert [value(f"1-{name}") for name in ("name", "relation", "school", "health", "labour")] == [
        "钱二", "03", "06", "01", "04",
    ]  # fmt: skip


def test_income_lines_by_keyboard_sum_up_live(page):
    defaults.load()
    page.reload()
    page.locator("#id_i-property").fill("100")
    page.locator("#id_i-period_end").focus()
    keyboard = page.keyboard
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":
        keyboard.press("Tab")
    keyboard.press("Enter")
    page.wait_for_selector("#id_l-L01")
    keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "l-L01"
    keyboard.type("12000")
    keyboard.press("Enter")
    keyboard.type("500.5")
    page.locator("#id_l-P11").fill("900")  # 教育帮扶 is not counted
    page.locator("#id_l-R01").fill("１，０００")

    def value(name):
        return page.locator(f"#id_{name}").input_value()

    assert [value(f"i-{name}") for name in ("wage", "property", "transfer", "expense")] == [
        "12500.5",
        "100",
        "",
        "1000",
    ]
    assert "11,600.5" in page.locator("[data-netbox]").inner_text()
    page.locator("#id_l-L01").fill("")
    assert value("i-wage") == "500.5"
