"""What several tests of the base package stand on."""

import pytest

from fupin.accounts import throttle


@pytest.fixture
def full_house():
    """All places in which a password is looked at are taken, until `full_house()` is called."""
    taken = 0
    while throttle._places.acquire(blocking=False):
        taken += 1

    def leave():
        nonlocal taken
        while taken:
            throttle._places.release()
            taken -= 1

    yield leave
    leave()
