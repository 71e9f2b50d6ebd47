"""What every test stands on."""

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from fupin.audit import triggers
from tests.browser import chromium

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
