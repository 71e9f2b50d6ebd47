"""What is refused as a password, and what is not."""

import time
from datetime import timedelta
from itertools import cycle, islice

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from fupin.accounts import actions, deny_list, passwords
from fupin.accounts.models import User
from fupin.accounts.roles import Role
from fupin.regions.models import Region
from tests import factories

GOOD = [
    "Right-horse-battery-9",
    "Ma7 zou dao qiao bian",
    "kL8#vv2pQx!s",
    "青山绿水Zhong1long",
    "T9" + "x7-Q" * 31,
]


@pytest.fixture
def person(db):
    factories.region("990101")
    Region.objects.filter(path="990101").update(name="炉霍县")
    return factories.user(Role.COUNTY_OFFICE, at="990101", name="钱多多", phone="13900001234")


def problem(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.error_list[0].code
    return ""


@pytest.mark.parametrize("password", GOOD)
def test_good_ones_pass(person, password):
    assert problem(password, person) == ""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Short-1word", "short"), ("x7-Q" * 33, "long"), ("alllowercaseletters", "classes"),
        ("Password2026!!", "common"), ("P@ssw0rd202688", "common"), ("Qwerty!!!2026", "common"),
        ("zs19870612!!A", "common"), ("Luhuo@20262026", "words"), ("fupin@LUHUO2026", "words"),
        ("Fupin2026!2026", "words"), ("Qianduoduo#2026", "words"), ("炉霍县扶贫Aa123456", "words"),
        ("A1a1A1a1A1a1A1a!", "row"), ("Abcdefgh12345678", "common"), ("AAAAbbbb11112222", "row"), ("Kx#13900001234zq", "number"),
        ("Kxyz#001234-zq", "number"), ("Kxyq990101197001010011", "number"),
    ],
)  # fmt: skip
def test_what_a_guesser_tries_first_is_refused(person, password, code):
    assert problem(password, person) == code


def test_the_own_account_and_the_site_words_count(person, settings):
    settings.PASSWORD_WORDS = ["banbanju"]
    person.username = "laoqian.bgs"
    assert problem("Laoqian.bgs-2026", person) == problem("Banbanju#88-2026", person) == "words"


def test_the_local_list_has_more_than_two_hundred_thousand_entries_and_each_is_refused(person):
    """Every so manyeth with what people put before and behind it; ones that are not on it pass."""
    words = deny_list.words()
    endings = cycle(
        [
            "2026!2026",
            "@20262026",
            "#12345678",
            "!!!!88888",
            "1234567.A",
            "_2025_2026",
            "$$$999999",
            ".2026.2026",
        ]
    )
    assert deny_list.size() > 200_000
    guard, seen = passwords.Guessable(), 0
    for word in islice(words, 0, None, 1499):
        if len(passwords._letters(word)) < passwords.SMALLEST:
            continue
        assert deny_list.listed(word)
        with pytest.raises(ValidationError):
            guard.validate(word.capitalize() + next(endings))
        seen += 1
    assert seen > 150
    assert not any(deny_list.listed(word) for word in ("mazoudao", "kxwqpv", "qingshanlvshui", ""))


@pytest.mark.parametrize(
    "password",
    ["Zhangwei@fupin2020", "Lijianguo19700101", "zhaxi.Dorje-1999", "Woaini+Wangfang1", "19880808Liuyang!"],
)
def test_names_in_pinyin_with_dates_and_words_are_refused(person, password):
    assert problem(password, person) in ("common", "words")


def test_a_check_takes_less_than_twenty_milliseconds(person):
    guard = passwords.Guessable()
    guard.validate(GOOD[0], person)
    start = time.perf_counter()
    for _ in range(10):
        guard.validate(GOOD[4][:128], person)
    assert (time.perf_counter() - start) / 10 < 0.02


def test_the_last_five_are_refused_and_the_sixth_is_not(person):
    used = [f"Blue-river-{n}-{n * 7919}-stone" for n in range(6)]
    for one in used:
        assert problem(one, person) == ""
        actions.change_password(person, one)
    assert [problem(one, person) for one in used] == ["", *["used"] * 5]
    assert person.old_passwords.count() == passwords.KEPT - 1


def test_the_switch_takes_classes_age_and_history_off(person, settings):
    actions.change_password(person, "calm river stone bridge")
    settings.DENGBAO, settings.PASSWORD_DAYS = False, 0
    assert problem("calm river stone bridge", person) == ""
    assert problem("Password2026!!", person) == "common"


def test_after_180_days_nothing_but_the_change_is_reachable(client, person):
    client.force_login(person)
    User.objects.update(password_at=timezone.now() - timedelta(days=181))
    assert client.get("/")["Location"] == "/profile/password/"
    assert "180 天" in client.get("/profile/password/").content.decode()
    User.objects.update(password_at=timezone.now() - timedelta(days=179))
    assert client.get("/").status_code == 200
