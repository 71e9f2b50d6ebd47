"""The same work with scripts switched off, as some offices have it."""

import pytest

from fupin.accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_login_region_reveal_and_logout(browser_page):
    user = factories.user(Role.TOWNSHIP_OPERATOR, at="990101100", name="李文慧")
    user.set_password("right-horse-battery")
    user.save()
    household = factories.household(at="99010110020101")
    member = household.members.first()

    page = browser_page(java_script_enabled=False)
    page.goto(f"/households/{household.pk}/")
    page.fill("#id_username", user.username)
    page.fill("#id_password", "right-horse-battery")
    turned(page, "button >> text=登录")
    assert page.url.endswith(f"/households/{household.pk}/")
    assert member.id_number not in page.content()

    turned(page, "button[aria-label^='显示完整的证件号码']")
    page.select_option("select[name=reason]", "核对证件")
    turned(page, "button >> text=查看")
    assert member.id_number in page.content()
    turned(page, "text=返回")
    assert page.url.endswith(f"/households/{household.pk}/")

    turned(page, "a.fp-scope")
    turned(page, "#main a >> nth=0")
    assert "region=990101100" in page.url


def turned(page, selector):
    """A click that opens another page, and that page read to its end: a click alone returns as soon as its
    first bytes are there."""
    with page.expect_navigation():
        page.click(selector)
