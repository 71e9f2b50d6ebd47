"""Tries made at the same moment: the database decides, so it holds for several processes too."""

import threading
import time

import pytest
from django.db import connections

from fupin.accounts import otp, throttle
from fupin.accounts.models import User
from fupin.accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, act):
    """What `act(n)` returned for n below `count`, all begun together, each on a connection of its own."""
    gate, found = threading.Barrier(count), []

    def run(n):
        gate.wait()
        try:
            found.append(act(n))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_many_tries_no_more_than_the_limit_pass_and_a_code_or_a_one_time_password_counts_once():
    user = factories.user(Role.VILLAGE_CLERK)
    tries = at_once(12, lambda n: throttle.attempt("qian", "10.0.0.1"))
    assert len(tries) == 12
    assert 1 <= sum(tries) <= throttle.PAIR_LIMIT

    codes = otp.enrol(user, secret := otp.new_secret(), 0)
    code = otp.code_at(secret, int(time.time()) // otp.STEP)
    assert [*filter(None, at_once(6, lambda n: otp.accept(user, code)))] == ["code"]
    assert [*filter(None, at_once(6, lambda n: otp.accept(user, codes[0])))] == ["recovery"]

    people = [User.objects.get(pk=user.pk) for _ in range(6)]  # six logins that have read the same password
    assert sum(at_once(6, lambda n: people[n].spend_one_time())) == 1

    throttle.LoginFailure.objects.bulk_create(
        throttle.LoginFailure(username="qian", address=f"10.1.0.{n}") for n in range(throttle.USER_LIMIT)
    )
    slots = at_once(6, lambda n: throttle.attempt("qian", f"10.2.0.{n}"))
    assert sum(slots) == 1
