"""The canary crawl (`manage.py qa_canary`), in small, and proof that its scanner finds what is planted."""

import gzip
import io
import logging
import sys
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
from fupin.canary import holder, planted
from fupin.crawl import Crawl
from fupin.crawl_page import Page
from fupin.leak_scan import Scanner, token
from fupin.management.commands.qa_canary import logged
from households.models import Household
from tests import factories
from tests.parts import left_out

HERE, THERE = "99010110020101", "99010120020101"
NUMBER, PHONE = factories.id_number(7), "15400001234"
SCANNER = Scanner(
    {1: (HERE, "own"), 2: (THERE, "foreign")}, {NUMBER: (HERE, "证件号码"), PHONE: (HERE, "电话")}
)


def here(place, what=""):
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
    assert len(logged(SCANNER)[0]) == 1


@require(P.HOUSEHOLD_VIEW)
def leaking(request):
    """Counts on nobody asking: the names of everybody, one as the title."""
    names = list(Household.objects.unscoped("same row").order_by("pk").values_list("head_name", flat=True))
    return HttpResponse(f"<title>{names[-1]}</title><a href='/leaking/?q={names[-1]}'></a>{''.join(names)}")


@require(P.HOUSEHOLD_VIEW)
def forgetful(request):
    """A form whose answer tells everybody's names, and changes them."""
    if request.method == "GET":
        return HttpResponse(
            "<form method=post><input name=q value=1><select name=s><option>a<option value=b></select></form>"
        )
    rows = Household.objects.unscoped("same row")
    names = "".join(rows.values_list("head_name", flat=True)) if request.POST.get("s") == "b" else ""
    rows.update(address="changed")
    return HttpResponse(names)


class Addresses:
    from fupin.urls import handler400, handler403, handler404, handler500, urlpatterns

    urlpatterns = [
        *urlpatterns,
        path("leaking/", leaking, name="leaking"),
        path("forgetful/", forgetful, name="forgetful"),
    ]


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


def test_a_form_that_leaks_for_one_choice_is_found_and_what_it_did_taken_back(scanner, monkeypatch):
    monkeypatch.setitem(POLICY, "forgetful", page("忘", P.HOUSEHOLD_VIEW))
    user, allowed = holder(Role.TOWNSHIP_OPERATOR, HERE)
    with override_settings(ROOT_URLCONF=Addresses):
        walk = Crawl(user, scanner, allowed, pages=9)
        walk.visit("/forgetful/")
        while walk.queues["post forgetful"]:
            walk.queues["post forgetful"].popleft()()
    assert walk.sent == 5  # its own values, the other choice, empty, nonsense, other keys
    assert [
        words
        for words in walk.wrong
        if words.startswith("forgetful 200：别处的households.household.head_name")
    ]
    assert not Household.objects.filter(address="changed").exists()


def test_an_error_page_that_tells_what_went_wrong_is_found(scanner, monkeypatch):
    user, allowed = holder(Role.TOWNSHIP_OPERATOR, HERE)
    walk = Crawl(user, scanner, allowed, pages=9)
    walk.broken("household_list", "/households/")
    assert walk.wrong == [] and walk.views["household_list", 500] == 1
    monkeypatch.setattr("fupin.urls.handler500", "tests.access.test_canary.telling")
    walk.broken("household_list", "/households/")
    assert walk.wrong


def test_the_page_of_the_queue_tells_nothing_of_what_was_typed(scanner, monkeypatch):
    user, allowed = holder(Role.TOWNSHIP_OPERATOR, HERE)
    walk = Crawl(user, scanner, allowed, pages=9)
    walk.busy()
    assert walk.wrong == [] and (walk.views["login", 429], walk.views["fresh", 429]) == (2, 2)
    monkeypatch.setattr("fupin.accounts.waiting.seal", lambda data, purpose, path: data.decode())
    walk.busy()
    assert walk.wrong


def telling(request):
    return HttpResponse(str(sys.exc_info()[1]), status=500)


def test_what_a_page_offers_is_read():
    read = Page("/a/", """<form action="/b/" id="f" method="post"><input name="x" value="1"><input type="checkbox" name="c" value="2">
        <input type="radio" name="r" value="3" checked><textarea name="t">some
        text</textarea><select name="s"><option value="4"><option value="5" selected></select><input type="file" name="u">
        <button name="go" value="6" formaction="/d/">go</button></form><input form="f" name="far" value="7">
        <div hx-get="/piece/"></div><a href="?page=2">2</a>""")  # fmt: skip
    (form,) = read.forms
    assert form.held | {"t": [" ".join(form.held["t"][0].split())]} == {
        "x": ["1"], "r": ["3"], "t": ["some text"], "s": ["5"], "far": ["7"],
    }  # fmt: skip
    assert form.choices == {"c": ["2"], "r": ["3"], "s": ["4", "5"]} and form.files == ["u"]
    assert form.actions == [("/d/", "go", "6", "post")]
    assert read.pieces == ["/piece/"] and read.links == ["/a/?page=2"]


def test_numbers_stand_where_somebody_asked_for_them_and_nowhere_else():
    ask = {"whole": True}
    assert not SCANNER.text(NUMBER, here, **ask) and not SCANNER.text(PHONE, here, typed={PHONE})
    assert SCANNER.text(NUMBER, here) and SCANNER.text(PHONE, lambda place, what: False, **ask)
    masked = Scanner({1: (HERE, "health")}, {}, masked={1})
    assert masked.text(token(1), here) and not masked.text(token(1), here, whole=True)


@pytest.mark.parametrize("role", [Role.TOWNSHIP_OPERATOR, left_out(Role.AUDITOR)])
def test_a_short_walk_meets_nothing_that_is_not_its_own(scanner, role):
    logging.disable(logging.CRITICAL)
    try:
        user, allowed = holder(role, HERE)
        keys = list(Household.objects.values_list("pk", flat=True))
        walk = Crawl(user, scanner, allowed, pages=30, keys=keys).run()
        for key in keys:
            walk.visit(reverse("household_detail", args=[key]), False)
    finally:
        logging.disable(logging.NOTSET)
    assert walk.wrong == []
    assert walk.count >= 30 + 4
    assert walk.views["household_detail", 200] >= 1
    assert walk.views["household_detail", 404] >= 1
