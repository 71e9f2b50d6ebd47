"""The log: every line is JSON, and no line holds a number or a name of a person, whatever happens."""

import json
import logging
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from fupin import logs
from fupin.accounts.policy import POLICY
from fupin.accounts.roles import Role
from tests import factories
from tests.fupin.test_headers import Broken, addresses
from tests.parts import two_parts

NUMBER, PHONE = factories.id_number(11), "13812345678"
PLANTED = [NUMBER, NUMBER.lower(), f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", NUMBER[:6] + NUMBER[8:17], PHONE,
           "138 1234 5678", "138-1234-5678", "+8613812345678", "6222021234567890128", "6222 0212 3456 7890 128",
           "0831-1234567", NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))]  # fmt: skip


@pytest.mark.parametrize("text", PLANTED)
def test_numbers_of_people_are_taken_out(text):
    found = logs.redacted(f"看{text}，a{text}b")
    assert not re.search(r"\d{5}", re.sub(r"[\s-]", "", found)), found


@given(st.text(max_size=30), st.sampled_from(PLANTED), st.text(max_size=30))
@budget(max_examples=50, deadline=None)
def test_they_are_found_between_anything(before, text, after):
    whole = before + " " + text + " " + after
    assert text not in logs.redacted(whole)


def test_what_is_no_number_of_a_person_stays():
    kept = "job 12345 (import) of 510921100 took 1250 ms, 2026-11-26 10:11:12, 512921"
    assert logs.redacted(kept) == kept


def lines_of(folder):
    return [
        line
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]
    ]


@pytest.fixture
def written(tmp_path):
    """The file of the log in a folder of its own: `written()` gives its lines, parsed."""
    handler = logs.DayFile(tmp_path / "log")
    handler.setFormatter(logs.Json())
    loggers = [logging.getLogger(), logging.getLogger("fupin.requests")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in lines_of(tmp_path / "log")]
    for logger in loggers:
        logger.removeHandler(handler)
    handler.close()


HOSTILE = [
    "a\r\nb",
    "\x1b[31mred",
    "\x00",
    "\u2028",
    '"}{"x":1',
    "\ud800",
    "%s %(x)s {0.__class__}",
    "9" * 5000,
]


def test_one_record_is_one_line_whatever_it_says(written):
    handler = [h for h in logging.getLogger().handlers if isinstance(h, logs.DayFile)][-1]
    for text in HOSTILE:  # straight to the file: pytest's own report cannot carry half a character
        handler.handle(logging.LogRecord("fupin.test", logging.WARNING, "", 1, "%s", (text,), None))
    found = written()
    assert len(found) == len(HOSTILE)
    assert all(line["message"].isprintable() or line["logger"] == "fupin.test" for line in found)


def test_an_exception_is_told_by_places_and_types_not_by_values(written):
    try:
        try:
            raise KeyError(f"张三 {NUMBER}")
        except KeyError as error:
            raise ValueError(f"李四 {PHONE}") from error
    except ValueError:
        logging.getLogger("fupin.test").exception("读不了 %s", PHONE)
    line = written()[0]
    assert "test_logs.py" in line["trace"][0]
    assert {t.rsplit(":", 1)[0] for t in line["trace"] if t.startswith("builtins")} == {
        "builtins.ValueError",
        "builtins.KeyError",
    }
    text = json.dumps(line, ensure_ascii=False)
    assert not any(word in text for word in ("张三", "李四", NUMBER, PHONE))


def test_the_file_is_its_owners_alone_and_old_days_go(tmp_path, settings, written):
    logging.getLogger("fupin.test").warning("x")
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
    assert next((tmp_path / "log").iterdir()).stat().st_mode & 0o777 == 0o600
    settings.LOG_FOLDER, settings.LOG_DAYS = tmp_path, 365
    today = date(2026, 11, 26)
    for days in (364, 365, 366, 900):
        (tmp_path / f"{today - timedelta(days=days)}.jsonl").write_text("")
    (tmp_path / "other.txt").write_text("")
    logs.remove_old(today)
    assert {path.name for path in tmp_path.glob("*.*")} == {
        "2025-11-27.jsonl",
        "2025-11-26.jsonl",
        "other.txt",
    }


@two_parts(8)
@pytest.mark.django_db
def test_a_flood_over_every_address_leaves_no_number_name_or_key_in_the_log(
    written, settings, monkeypatch, part
):
    """Every address, read and posted to, with an ID number, a phone and a name in every place a request has."""
    monkeypatch.setitem(POLICY, "broken", POLICY["profile"])
    settings.ROOT_URLCONF = Broken
    user = factories.user(Role.ADMINISTRATOR, at="", name="钱多多")
    household = factories.household()
    client = Client(raise_request_exception=False)
    client.force_login(user)
    query = {"q": NUMBER, "phone": PHONE, "name": "张三", "code": NUMBER}
    headers = {
        "User-Agent": f"x {PHONE}",
        "Referer": f"http://testserver/?q={NUMBER}",
        "X-Forwarded-For": PHONE,
    }
    broken, *others = addresses(get_resolver(Broken).url_patterns)
    tried = [broken, *part.of(others)]
    for address in tried:
        client.get(address, query, headers=headers)
        if address not in {"/logout/", "/profile/sessions/end/"}:
            client.post(
                address + f"?q={NUMBER}",
                query | {"username": NUMBER, "password": "geheim-Wort-77"},
                headers=headers,
            )
    for path in (
        f"/nowhere/{NUMBER}/张三",
        f"/households/{PHONE}/",
        f"/x/{NUMBER[:6]}%20{NUMBER[6:14]}%20{NUMBER[14:]}",
    ):
        client.get(path)
    Client().post("/login/", {"username": NUMBER, "password": "geheim-Wort-77"})
    client.get(f"/households/{household.pk}/")

    found = written()
    requests = [line for line in found if line["logger"] == "fupin.requests"]
    assert len(requests) > 2 * len(tried) * 0.9
    assert {"at", "level", "request", "method", "path", "view", "status", "ms", "user", "address"} <= set(
        requests[-1]
    )
    assert any(line.get("trace") for line in found)  # the broken page has told where
    whole = json.dumps(found, ensure_ascii=False)
    for planted in (
        NUMBER,
        NUMBER[:17],
        PHONE,
        "张三",
        "钱多多",
        "geheim",
        client.session.session_key,
        household.members.get().id_number,
    ):
        assert planted not in whole
    assert all(line["request"] for line in requests)
    assert not [line for line in requests if "?" in line["path"]]  # never what somebody looked for
