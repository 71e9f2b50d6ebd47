"""What every test stands on."""

import gc

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from fupin.audit import triggers
from tests.browser import chromium

gc.set_threshold(100_000, 50, 100)
"""Walking the whole of Django, the apps and three thousand tests in search of cycles costs more than many a test."""

_flush = BaseDatabaseOperations.execute_sql_flush


def _emptied(self, sql_list):
    """Tests that commit empty the database afterwards; the trail allows nobody to, so it is opened for them. The
    triggers come back with the signal that follows."""
    triggers.drop(self.connection)
    return _flush(self, sql_list)


BaseDatabaseOperations.execute_sql_flush = _emptied


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    gc.freeze()  # what is there now stays to the end


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
