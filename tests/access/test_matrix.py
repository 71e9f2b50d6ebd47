"""Every address x every role: nobody reaches a page that the policy does not grant, strangers' rows do not exist.

Each area lists its addresses in `tests/access/pages_AREA.py` as PAGES: tuples
`(url name, {url argument: factory(at) -> value}, method, permissions)`; a factory makes the row in the region
path `at` and returns the value for the URL. An address that nobody listed fails here by name.
"""

import importlib
import pkgutil

import pytest
from django.urls import URLPattern, get_resolver, reverse

import tests.access
from fupin.accounts.roles import BY_PAIRING, GRANTS, Role
from tests import factories
from tests.access import Fixed

OPEN = {"health", "login", "login_code", "login_setup", "logout"}
"""Addresses that need no post: the health check, login in its steps and logout."""

HERE, ELSEWHERE = "99010110020101", "99010210020101"

PAGES = [
    page
    for module in pkgutil.iter_modules(tests.access.__path__, "tests.access.")
    if module.name.rpartition(".")[2].startswith("pages_")
    for page in importlib.import_module(module.name).PAGES
]


def url_names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        else:
            yield from url_names(pattern.url_patterns)


def test_every_address_is_listed():
    assert set(url_names(get_resolver().url_patterns)) == {page[0] for page in PAGES} | OPEN


def visit(client, page, at):
    name, arguments, method, _ = page
    kwargs = {key: make(at) for key, make in arguments.items()}
    return getattr(client, method)(reverse(name, kwargs=kwargs))


def has_row(page):
    """Whether the address names a row that belongs to a place."""
    return any(not isinstance(make, Fixed) for make in page[1].values())


ids = [f"{page[2]} {page[0]}" for page in PAGES]


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_role_reaches_page(client, role, page):
    client.force_login(factories.user(role))

    response = visit(client, page, HERE)

    granted = not page[3] or any(permission in GRANTS[role] for permission in page[3])
    if granted and role in BY_PAIRING and has_row(page):
        assert response.status_code == 404  # the row exists, but it is not paired with this person
    else:
        assert (response.status_code == 403) == (not granted)
        assert response.status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_anonymous_is_sent_to_login(client, page):
    factories.user()

    response = visit(client, page, HERE)

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", [page for page in PAGES if has_row(page)], ids=lambda page: f"{page[2]} {page[0]}"
)
def test_a_row_of_another_county_does_not_exist(client, page):
    client.force_login(factories.user(Role.COUNTY_OFFICE, at="990101"))

    assert visit(client, page, ELSEWHERE).status_code in {403, 404}
