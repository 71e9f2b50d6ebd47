"""Whose name stands on a page stands in its event: every address, swept."""

import pytest
from django.urls import reverse

from fupin.accounts.roles import Role
from fupin.audit import seen
from fupin.audit.models import AuditEvent
from households.models import Household, Member
from tests import factories
from tests.access.test_matrix import PAGES
from tests.parts import one_of

HERE = "99010110020101"

OPENED = [page for page in PAGES if page[2] == "get"]


def shown_on(body):
    """`(households, members)` whose names stand in the text."""
    heads = {key for key, name in Household.objects.values_list("pk", "head_name") if name and name in body}
    people = Member.objects.values_list("pk", "household", "name")
    return heads, {(key, home) for key, home, name in people if name in body}


@pytest.mark.django_db
@pytest.mark.parametrize("page", one_of(14, OPENED), ids=[page[0] for page in OPENED])
def test_who_is_shown_is_noted(client, page):
    client.force_login(factories.user(Role.ADMINISTRATOR))
    for _ in range(2):
        factories.household(at=HERE, members=2)

    name, arguments = page[:2]
    response = client.get(reverse(name, kwargs={key: make(HERE) for key, make in arguments.items()}))
    if response.streaming:
        b"".join(response.streaming_content)  # read to its end, a file is closed

    if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        return
    heads, people = shown_on(response.content.decode())
    noted = seen.Seen()
    for text in AuditEvent.objects.exclude(seen="").values_list("seen", flat=True):
        one = seen.read(text)
        noted.households |= one.households
        noted.members |= one.members
    assert heads <= noted.households
    assert {key for key, home in people if key not in noted.members and home not in noted.households} == set()
