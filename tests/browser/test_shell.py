"""The shell in a real browser: login by keyboard, menus, keys, rows of a form, a login that runs out."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from fupin.accounts.models import Session
from fupin.accounts.roles import Role
from households import idcard
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "right-horse-battery"


@pytest.fixture
def person(settings):
    settings.OTP_ROLES = []
    user = factories.user(Role.ADMINISTRATOR, at="990101", name="李文慧")
    user.set_password(PASSWORD)
    user.save()
    return user


def test_login_by_keyboard_menu_and_logout(browser_page, person):
    factories.region("990101001")
    page = browser_page()
    page.goto("/profile/")
    page.keyboard.type(person.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile/")

    page.click("a.fp-scope")
    page.wait_for_selector(".dropdown-menu.show >> text=测试镇01")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] >> text=Ctrl + S")
    page.click("dialog >> text=关闭")

    page.click("button[aria-label^='李文慧']")
    page.click("text=退出登录")
    page.wait_for_url("**/login/")
    page.goto("/profile/")
    assert "/login/" in page.url


@pytest.mark.parametrize("phone", [False, True])
def test_nothing_is_wider_than_the_screen(browser_page, person, phone):
    page = browser_page(person, phone=phone)
    for address in (
        "/profile/",
        "/profile/password/",
        "/users/",
        "/users/new/",
        f"/users/{person.pk}/",
        "/audit/",
    ):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{address}: {wide} px"


def test_a_password_form_survives_the_end_of_the_session(browser_page, person):
    target = factories.user(Role.VILLAGE_CLERK, at="990101001001", name="王五")
    page = browser_page(person)
    page.goto(f"/users/{target.pk}/")
    page.fill("#id_unit", "昌龙村委会")
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    page.keyboard.press("Control+s")
    page.wait_for_selector("text=填写的内容没有丢")
    page.fill("#id_username", person.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.click("button >> text=继续提交")
    page.wait_for_url(f"**/users/{target.pk}/")
    target.refresh_from_db()
    assert target.unit == "昌龙村委会"


NUMBERS = [
    factories.id_number(1), factories.id_number(7).lower(), factories.id_number(3)[:-1], "", "990101700101001",
    "９９０１０１１９７００１０１００１３", "9901011970 0101 0013", "99010119700231001X", "990101********0013",
    "990101189901010011", "abc", "990101299901010019", factories.id_number(5) + "13", factories.id_number(5) + "1302",
    "1" * 18, "12345678901234567", "1234567890123456789",
]  # fmt: skip


def test_the_live_check_says_what_the_server_says(browser_page, person):
    page = browser_page(person)
    page.goto("/profile/")
    for number in NUMBERS:
        said = page.evaluate("number => window.fupin.checkId(number)", number)
        meant = idcard.read(number, date.today())
        if not number:
            assert said == {"empty": True}
        elif meant.problem:
            assert said.get("bad"), number
        else:
            assert said.get("birth") == meant.birth.isoformat(), number
            assert said["sex"] == {"1": "男", "2": "女"}[meant.sex]


ROWS = """
const box = document.createElement('form'); box.method = 'post'; box.dataset.enternext = '';
box.innerHTML = `<input type="hidden" name="m-TOTAL_FORMS" value="1"><input type="hidden" name="m-MAX_NUM_FORMS" value="20">
<table><tbody data-rows="m"><tr data-row><td class="rowno"></td><td><input name="m-0-name" id="n0"></td>
<td><input name="m-0-id" data-id18></td><td><button type="button" data-delrow>x</button></td></tr></tbody></table>
<template data-row-template="m"><tr data-row><td class="rowno"></td><td><input name="m-__prefix__-name"></td>
<td><input name="m-__prefix__-id" data-id18><input type="checkbox" name="m-__prefix__-DELETE" hidden></td>
<td><button type="button" data-delrow>x</button></td></tr></template>
<button type="button" data-addrow="m">add</button>`;
document.getElementById('main').appendChild(box);
document.getElementById('n0').focus();
"""


def test_rows_of_a_form_by_keyboard(browser_page, person):
    page = browser_page(person)
    page.goto("/profile/")
    page.evaluate(ROWS)
    page.keyboard.type("张三")
    page.keyboard.press("Enter")
    page.keyboard.type(factories.id_number(2))
    assert "校验通过" in page.inner_text("[data-idmsg]")
    page.keyboard.press("Enter")
    page.keyboard.type("李四")
    assert page.input_value("[name=m-1-name]") == "李四"
    assert page.input_value("[name=m-TOTAL_FORMS]") == "2"

    page.keyboard.press("Alt+n")
    page.keyboard.type("王五")
    assert page.input_value("[name=m-2-name]") == "王五"
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text/plain', '赵六\\t1\\n孙七\\t2\\n');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    assert [page.input_value(f"[name=m-{n}-name]") for n in (2, 3)] == ["赵六", "孙七"]
    assert page.input_value("[name=m-TOTAL_FORMS]") == "4"

    page.click("tr:has([name=m-1-name]) [data-delrow]")
    assert page.is_checked("[name=m-1-DELETE]")
    assert page.locator("[data-row]:visible .rowno").all_inner_texts() == ["1", "2", "3"]
