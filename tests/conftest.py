"""What every test stands on."""

import pytest


@pytest.fixture
def login(client):
    """`login(user)` gives a client logged in as that user."""

    def enter(user):
        client.force_login(user)
        return client

    return enter
