"""`browser_page(user)`: a real Chromium on the running product, which fails the test on any script or policy error."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.browser.chromium import ARGUMENTS, MISSING, find, installed

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
EXPECTED = ("favicon", "the server responded with a status of 4")
"""Console lines that say nothing wrong: an answer of 422 or 403 is what some tests are about."""

CI = os.environ.get("CI") == "true"
collect_ignore_glob = [] if installed() or CI else ["test_*.py"]


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    skipped = not find() and not CI
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if skipped and "chromium" in item.fixturenames:  # before a database is made for it, and emptied
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the session. Without one the tests are skipped (above), but in CI they fail."""
    path = find()
    if not path:
        pytest.fail("CI 需要 Chromium，没有找到。")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright's loop runs in this thread; the ORM is not in it
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def browser_page(chromium, live_server):
    """`browser_page(user=None, phone=False)` opens a page on the live server, logged in as `user` when given.

    Addresses are relative: `page.goto("/users/")`. What the console says goes to `page.problems`; anything in it
    at the end fails the test.
    """
    contexts, pages = [], []

    def open_page(user=None, *, phone=False, **options):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
            )
        page = context.new_page()
        page.problems = []
        page.on("console", lambda said: _note(page, said.type, said.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        pages.append(page)
        return page

    yield open_page
    problems = [problem for page in pages for problem in page.problems]
    for context in contexts:
        context.close()
    assert problems == []


def _note(page, kind, text):
    if kind in {"error", "warning"} and not any(word in text for word in EXPECTED):
        page.problems.append(text)
