"""What every test stands on."""

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import settings

from fupin.audit import triggers
from tests.browser import chromium

# The suite tries the same cases on every run, so that a change is judged by what it changed; new cases are looked
# for by `pytest -m hypothesis --hypothesis-profile=explore`, run by hand.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("suite")

_flush = BaseDatabaseOperations.execute_sql_flush


def _emptied(self, sql_list):
    """Tests that commit empty the database afterwards; the trail allows nobody to, so it is opened for them. The
    triggers come back with the signal that follows."""
    triggers.drop(self.connection)
    return _flush(self, sql_list)


BaseDatabaseOperations.execute_sql_flush = _emptied


@pytest.fixture
def login(client):
    """`login(user)` gives a client logged in as that user."""

    def enter(user):
        client.force_login(user)
        return client

    return enter


def pytest_terminal_summary(terminalreporter):
    if not chromium.find():
        terminalreporter.write_line(chromium.MISSING)
