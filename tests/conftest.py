"""What every test stands on."""

import pytest

from tests.browser import chromium


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
