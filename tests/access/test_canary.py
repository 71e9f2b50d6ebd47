"""The canary crawl (`manage.py qa_canary`), in small, and proof that its scanner finds what is planted."""

import gzip
import io
import logging
import zipfile
from datetime import date

import openpyxl
import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path, reverse

from fupin.accounts.access import require
from fupin.accounts.policy import POLICY, page
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role
from fupin.crawl import Crawl
from fupin.leak_scan import Scanner, token
from fupin.management.commands.qa_canary import holder, logged, planted
from households.models import Household
from tests import factories

HERE, THERE = "99010110020101", "99010120020101"
NUMBER, PHONE = factories.id_number(7), "15400001234"
SCANNER = Scanner(
    {1: (HERE, "own"), 2: (THERE, "foreign")}, {NUMBER: (HERE, "证件号码"), PHONE: (HERE, "电话")}
)


def here(place):
    return place == HERE


def book(text):
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.active["C3"] = text
    made.save(out)
    return out.getvalue()


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


LEAKS = {
    "page": token(2).encode(), "entity": "&#29316;囗2囗".encode(), "number": NUMBER.encode(), "phone": PHONE.encode(),
    "book": book(f"x{token(2)}"), "book number": book(NUMBER), "zip in zip": packed(a=packed(b=book(token(2)))),
    "name in zip": packed(**{f"{token(2)}.txt": b""}), "gzip": gzip.compress(token(2).encode()),
    "unknown token": token(99).encode(),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found_wherever_it_hides(leak):
    assert SCANNER.answer(HttpResponse(), LEAKS[leak], here)


@pytest.mark.parametrize(
    "name, value", [("Location", f"/?q={NUMBER}"), ("Content-Disposition", "attachment; filename*=utf-8''%E7%8A%84%E5%9B%972%E5%9B%97.xlsx")]
)  # fmt: skip
def test_headers_are_looked_at(name, value):
    assert SCANNER.answer(HttpResponse(headers={name: value}), b"", here)


def test_what_is_ones_own_or_masked_or_no_number_is_no_leak():
    for text in (
        token(1),
        "990101********0017",
        "154****1234",
        NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"),
        "2026112612345678901",
    ):
        assert not SCANNER.answer(HttpResponse(), text.encode(), here), text
    assert SCANNER.public(token(1))  # in the log it is one


def test_a_log_line_with_a_number_is_found(tmp_path, settings):
    settings.LOG_FOLDER = tmp_path
    (tmp_path / "2026-01-01.jsonl").write_text(f'{{"message": "x {NUMBER}"}}\n', encoding="utf-8")
    assert len(logged(SCANNER)) == 1


@require(P.HOUSEHOLD_VIEW)
def leaking(request):
    """Counts on nobody asking: the names of everybody, one as the title."""
    names = list(Household.objects.unscoped("same row").order_by("pk").values_list("head_name", flat=True))
    return HttpResponse(f"<title>{names[-1]}</title><a href='/leaking/?q={names[-1]}'></a>{''.join(names)}")


class Addresses:
    from fupin.urls import handler400, handler403, handler404, handler500, urlpatterns

    urlpatterns = [*urlpatterns, path("leaking/", leaking, name="leaking")]


@pytest.fixture
def scanner(db):
    """Four households in two townships, tokens in every text of them."""
    for at in (HERE, HERE, THERE, "99010210020101"):
        row = factories.household(
            at=at, members=2, visited=date(2026, 5, 1), phone=f"154{len(at)}{at[6:9]}9999"[:11]
        )
        factories.crosscheck(row)
        row.measures.create(region_path=at, kind="01", what="措施")
        factories.project(at=at)
    return planted()


def test_a_leaking_view_is_found_by_the_walk(scanner, monkeypatch):
    monkeypatch.setitem(POLICY, "leaking", page("漏", P.HOUSEHOLD_VIEW))
    user, allowed = holder(Role.TOWNSHIP_OPERATOR, HERE)
    with override_settings(ROOT_URLCONF=Addresses):
        walk = Crawl(user, scanner, allowed, pages=3, keys=[1])
        walk.offer("/leaking/")
        walk.run()
    kinds = {words.partition("：")[0] for words in walk.wrong}
    assert "leaking 200" in kinds  # a foreign name on the page
    assert any(words.startswith("leaking：标题里有") for words in walk.wrong)
    assert any(words.startswith("地址里有") for words in walk.wrong)


@pytest.mark.parametrize("role", [Role.TOWNSHIP_OPERATOR, Role.AUDITOR])
def test_a_short_walk_meets_nothing_that_is_not_its_own(scanner, role):
    logging.disable(logging.CRITICAL)
    try:
        user, allowed = holder(role, HERE)
        keys = list(Household.objects.values_list("pk", flat=True))
        walk = Crawl(user, scanner, allowed, pages=90, keys=keys).run()
        for key in keys:
            walk.visit(reverse("household_detail", args=[key]), False)
    finally:
        logging.disable(logging.NOTSET)
    assert walk.wrong == []
    assert walk.count == 90 + 4
    assert walk.views["household_detail", 200] >= 1
    assert walk.views["household_detail", 404] >= 1
