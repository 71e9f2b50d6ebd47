"""Every page that the access matrix lists, in a real browser at both sizes: no error in the console, nothing wider
than the screen, nothing without a name."""

from pathlib import Path

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from tests import factories
from tests.access.test_matrix import PAGES, PLACES

pytestmark = pytest.mark.django_db(transaction=True)
ACCESS = (Path(__file__).parent / "access.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_page(browser_page, client, phone):
    admin = factories.user(Role.ADMINISTRATOR, at="", name="王管理")
    client.force_login(admin)
    client.raise_request_exception = False
    page = browser_page(admin, phone=phone)
    problems, looked_at, made = [], 0, {}
    for name, arguments, method, _ in PAGES:
        if method != "get":
            continue
        for make in arguments.values():
            if make not in made:
                made[make] = make(PLACES["own"])
        address = reverse(name, kwargs={key: made[make] for key, make in arguments.items()})
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)  # read to its end, a file is closed
        if answer.status_code != 200 or answer.streaming or b"<html" not in answer.content:
            continue  # a file, a piece of a page, a redirect
        page.goto(address)
        looked_at += 1
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            problems.append(f"{name}: {wide} px wider than the screen")
        problems += [f"{name}: {problem}" for problem in page.evaluate(ACCESS)]
        problems += [f"{name}: console: {said}" for said in page.problems]
        page.problems.clear()
    assert looked_at >= 6
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_login_page(browser_page, phone):
    page = browser_page(phone=phone)
    page.goto("/login/")
    assert page.evaluate(ACCESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
