"""A visit on the phone: from 我的帮扶户 to saved in at most eight taps, plus the text."""

import pytest

from fupin.accounts.roles import Role
from households.models import FollowUp, Visit
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
TAPS = 8


@pytest.fixture
def helper():
    user = factories.user(Role.HELPER, name="李文慧")
    household = factories.household(members=3)
    factories.pair(household, user)
    FollowUp.objects.create(
        household=household, region_path=household.region_path, what="补办入学材料", helper=user.helper
    )
    factories.pair(factories.household(members=2), user)
    return user


class Fingers:
    """Counts taps and refuses targets smaller than a thumb."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, target):
        target = target.first
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box["height"] >= 36, box
        target.tap()
        self.taps += 1


def test_a_visit_takes_at_most_eight_taps(browser_page, helper):
    page = browser_page(helper, phone=True, has_touch=True, is_mobile=True)
    page.goto("/my/")
    fingers = Fingers(page)

    fingers.tap(page.get_by_role("link", name="记走访").filter(has_not_text="我的"))
    page.wait_for_url("**/visit/")
    fingers.tap(page.locator("label.fp-pick", has_text="了解情况"))
    fingers.tap(page.locator("label.fp-pick", has_text="查看住房饮水"))
    fingers.tap(page.get_by_label("情况记录"))
    page.keyboard.type("水管已经接到灶房，出水正常。")
    fingers.tap(page.get_by_role("button", name="提交走访"))
    page.wait_for_url("**/visits/*/")

    visit = Visit.objects.get()
    assert fingers.taps <= TAPS
    assert visit.content == "查看住房饮水。水管已经接到灶房，出水正常。"
    assert visit.counts
    assert list(visit.helpers.values_list("user", flat=True)) == [helper.pk]
    assert "已保存" in page.inner_text("main")


def test_controls_are_large_and_nothing_scrolls_sideways(browser_page, helper):
    page = browser_page(helper, phone=True, has_touch=True, is_mobile=True)
    page.goto("/my/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="记走访").first.tap()
    page.wait_for_url("**/visit/")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("id_on", "id_content"):
        assert page.locator(f"#{name}").bounding_box()["height"] >= 44
    assert page.locator(".fp-segbig label").first.bounding_box()["height"] >= 44
    assert page.get_by_text("补办入学材料").is_visible()


def test_an_error_keeps_what_was_typed(browser_page, helper):
    page = browser_page(helper, phone=True, has_touch=True, is_mobile=True)
    page.goto("/my/")
    page.get_by_role("link", name="记走访").first.tap()
    page.wait_for_url("**/visit/")
    page.locator("summary", has_text="跟进事项").tap()
    page.locator("#id_f-0-what").fill("催办水管")
    page.locator("#id_f-0-due").fill("看情况")
    page.get_by_label("情况记录").fill("没有通水。")
    page.get_by_role("button", name="提交走访").tap()

    page.locator(".fp-errsum").wait_for()
    assert page.locator("#id_f-0-what").input_value() == "催办水管"
    assert page.get_by_label("情况记录").input_value() == "没有通水。"
    assert "看不懂时限" in page.inner_text("main")
