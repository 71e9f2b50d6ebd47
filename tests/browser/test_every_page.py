"""Every page that the access matrix lists, in a real browser at both sizes: no error in the console, nothing wider
than the screen, nothing without a name."""

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error

from fupin.accounts.roles import Role
from tests import factories
from tests.access.test_matrix import PAGES, PLACES
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
ACCESS = (Path(__file__).parent / "access.js").read_text(encoding="utf-8")


def shown(page, address):
    """Whether `address` is a page, now in the browser: not a file, a piece of a page, an error."""
    try:
        answer = page.goto(address)
    except Error as file:  # one that is taken home
        assert "Download is starting" in file.message, file
        return False
    return answer.ok and bool(page.evaluate("document.doctype && document.body.childElementCount"))


def test_every_page(browser_page):
    admin = factories.user(Role.ADMINISTRATOR, at="", name="王管理")
    page = browser_page(admin)
    problems, looked_at, made, size = [], 0, {}, DESKTOP
    for name, arguments, method, _ in PAGES:
        if method != "get":
            continue
        for make in arguments.values():
            if make not in made:
                made[make] = make(PLACES["own"])
        if not shown(page, reverse(name, kwargs={key: made[make] for key, make in arguments.items()})):
            page.problems.clear()
            continue
        looked_at += 1
        problems += [f"{name}, {size['width']} px: {problem}" for problem in seen(page)]
        size = PHONE if size is DESKTOP else DESKTOP  # the next page is opened at this size
        page.set_viewport_size(size)
        problems += [f"{name}, turned to {size['width']} px: {problem}" for problem in seen(page)]
        problems += [f"{name}: console: {said}" for said in page.problems]
        page.problems.clear()
    assert looked_at >= 40
    assert not problems, "\n".join(problems)


def seen(page):
    """What is wrong with the page at its size."""
    if (wide := page.evaluate(WIDER)) > 0:
        page.wait_for_timeout(400)  # charts follow a turned screen after a moment
        wide = page.evaluate(WIDER)
    return [f"{wide} px wider than the screen"] * (wide > 0) + page.evaluate(ACCESS)


def test_every_chart_of_the_board_is_drawn(browser_page):
    homes = [
        factories.household(target_end=date(timezone.localdate().year, 12, 31), members=2) for _ in range(3)
    ]
    for home in homes:
        home.causes.create(year=timezone.localdate().year, cause="01", rank=0)
    page = browser_page(factories.user(at=homes[0].region_path[:9]))
    page.goto(reverse("board"))

    drawn = page.evaluate(
        "[...document.querySelectorAll('[data-chart]')].map(e => [e.dataset.chart, !!e.querySelector('path')])"
    )
    assert {"burnup", "bullet", "cause"} <= {name for name, _ in drawn}
    assert all(paths for _, paths in drawn), drawn


def test_the_login_page(browser_page):
    page = browser_page()
    page.goto("/login/")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert seen(page) == []
