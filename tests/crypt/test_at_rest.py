"""What lies on the disk tells nothing; and whoever looks for it would find it."""

import gzip
import sqlite3
import zipfile
import zlib
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from fupin import photos
from fupin.accounts.models import Session
from fupin.accounts.roles import Role
from fupin.crypt import boxes, scan
from fupin.crypt.sealing import Unreadable
from fupin.excel.models import ImportBatch
from fupin.jobs.models import Job
from fupin.jobs.queue import submit
from fupin.onetable.models import BureauForm, FormFilling
from households.models import Condition, FollowUp, Household, Member, MemberYear, Paper, Visit
from tests import factories
from tests.workbooks import made, uploaded

NUMBER, PHONE, ACCOUNT = "990101199003070011", "15400007715", "6217000000000007715"
WORDS = "透析三年每周两次"
HEADER = ("户编号", "村", "姓名", "身份证号", "与户主关系", "户联系电话", "银行账号", "健康状况", "残疾证号")


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR = tmp_path
    settings.FILES = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_nothing_that_was_typed_searched_or_uploaded_stands_in_the_clear(folder, login):
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100", phone="15400008826"))
    village = factories.region("990101100201").short_name
    typed = factories.household(phone=PHONE, bank_account=ACCOUNT)
    Member.objects.filter(household=typed).update(id_number=NUMBER, id_text=f"{NUMBER}X")
    MemberYear.objects.create(member=typed.members.get(), year=2025, health_help=WORDS)
    other = factories.id_number(400, born="19900307")
    file = made(
        HEADER,
        ("H1", village, "甲", other, "户主", "15400009937", "6217000000000009937", "残疾", f"{other}43"),
    )
    batch = uploaded(client, file)
    client.post(reverse("household_search"), {"q": PHONE})
    ImportBatch.objects.filter(pk=batch.pk).update(
        edits={"cells": {"Sheet1": {"2": {"hh_phone": "15400001159"}}}}
    )
    values = [
        NUMBER,
        PHONE,
        ACCOUNT,
        WORDS,
        "15400008826",
        other,
        "15400009937",
        "6217000000000009937",
        "15400001159",
    ]
    sought = scan.Sought(values)

    held = scan.look(sought)

    assert in_tables(sought) == []
    assert held.files >= 2 and held.bytes > 1000 and held.found == []
    # ... and all of it is there for whoever holds the keys
    assert b"".join(boxes.pieces(batch.stored))[:2] == b"PK"
    assert ImportBatch.objects.get(pk=batch.pk).edits["cells"]["Sheet1"]["2"]["hh_phone"] == "15400001159"
    assert any(PHONE in str(row.get_decoded()) for row in Session.objects.all())
    assert set(values) - scan.values_held(100) <= {other, "15400009937", "6217000000000009937", "15400001159"}
    assert Household.objects.get(phone=PHONE) == typed


def in_tables(sought):
    """What is found in the database as whoever has its files reads it."""
    report = scan.Report()
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            scan._rows(table, [tuple(map(scan._plain, row)) for row in cursor.fetchall()], sought, report)
    return report.found


@pytest.mark.django_db
def test_free_text_is_encrypted_wherever_it_is_kept(folder):
    words = [f"{WORDS}之{n}" for n in "一二三四五六七八九十甲乙丙丁戊己庚"]
    rest = iter(words)
    user, home = factories.user(), factories.household(cause="01", remark=next(rest))
    place = {"household": home, "region_path": home.region_path}
    home.causes.update(note=next(rest))
    Condition.objects.create(household=home, year=2025, note=next(rest))
    visit = Visit.objects.create(
        **place, on=date(2026, 5, 1), content=next(rest), problem=next(rest), handling=next(rest)
    )
    FollowUp.objects.create(**place, visit=visit, what=next(rest), result=next(rest))
    factories.crosscheck(home, fact=next(rest), note=next(rest))
    Paper.objects.create(
        kind="household_plan", region=home.region, year=2025, title="计划", state="issued", number="1", issued_on=date(2026, 1, 1),
        sections=[{"text": next(rest)}], issued=[{"text": next(rest)}], **place,
    )  # fmt: skip
    form = BureauForm.objects.create(
        unit="990101",
        user=user,
        title="表",
        name="表",
        sha256="0",
        seen=[next(rest)],
        blocks=[{"title": next(rest)}],
    )
    FormFilling.objects.create(form=form, user=user, place="村", as_of=date(2026, 1, 1), notes=[next(rest)])
    job = submit("report", by=user, title="报表", params={"query": next(rest)})
    photo = photos.store(photos.Photo(next(rest).encode() * 50, "", None))
    assert next(rest, None) is None

    sought = scan.Sought(words)
    assert in_tables(sought) == [] and scan.look(sought).found == []
    assert photos.opened(photo).read().decode().startswith(words[-1])
    home.refresh_from_db()
    visit = Visit.objects.get()
    assert (home.remark, visit.content, visit.handling) == (words[0], words[3], words[5])
    assert Paper.objects.get().issued == [{"text": words[11]}]
    assert (Job.objects.get(pk=job.pk).params, FormFilling.objects.get().notes) == (
        {"query": words[15]},
        [words[14]],
    )

    Household.objects.filter(pk=home.pk).update(phone="", remark=words[1], size=3)
    Visit.objects.filter(pk=visit.pk).update(problem="", content=words[2])
    Paper.objects.update(sections=[], state="draft", issued=None)
    assert in_tables(sought) == []
    assert Household.objects.get(pk=home.pk).remark == words[1] and Visit.objects.get().content == words[2]
    assert (Paper.objects.get().sections, Paper.objects.get().issued) == ([], None)


@pytest.mark.django_db
def test_a_job_leaves_no_plain_bytes_when_it_ends_halfway(folder):
    with pytest.raises(ZeroDivisionError), boxes.making(folder / "a.xlsx") as bare:
        bare.write_bytes(NUMBER.encode())
        raise ZeroDivisionError
    assert scan.look(scan.Sought([NUMBER])).found == [] and not (folder / "a.xlsx").exists()
    with boxes.making(folder / "a.xlsx") as bare:
        bare.write_bytes(NUMBER.encode())
    assert scan.look(scan.Sought([NUMBER])).found == []
    assert b"".join(boxes.pieces(folder / "a.xlsx")) == NUMBER.encode()


def leaks(folder):
    """One file after another with a value in the clear in it."""
    yield "plain.log", lambda path: path.write_bytes(b"x" * (scan.PIECE - 7) + NUMBER.encode() + b"y")
    yield "run.csv", lambda path: path.write_text(f"0{PHONE}9")
    yield "wide.txt", lambda path: path.write_text(WORDS, encoding="utf-16-le")
    yield "digits.txt", lambda path: path.write_text(ACCOUNT, encoding="utf-16-le")
    yield "copy.gz", lambda path: path.write_bytes(gzip.compress(NUMBER.encode()))

    def book(path):
        inner = made(("号码",), (NUMBER,)).read()
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("内.xlsx", inner)

    yield "backup.zip", book

    def database(path):
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE t (a BLOB)")
            db.execute("INSERT INTO t VALUES (?)", [zlib.compress(f"[{NUMBER}]".encode())])
        db.close()

    yield "old.sqlite3", database


@pytest.mark.django_db
def test_every_way_to_leak_is_found(folder):
    sought = scan.Sought([NUMBER, PHONE, ACCOUNT, WORDS])
    for name, leak in leaks(folder):
        path = folder / name
        leak(path)
        found = scan.look(sought).found
        assert found and all(name in place for place, _ in found), name
        assert NUMBER not in str(found) and PHONE not in str(found)
        path.unlink()
    (folder / "fine.txt").write_text(NUMBER[:-1] + " " + PHONE[::-1])
    assert scan.look(sought).found == []


@pytest.mark.django_db
def test_the_command_ends_with_an_error_when_it_finds_something(folder):
    factories.household(phone=PHONE)
    out = StringIO()
    call_command("scan_at_rest", stdout=out)
    assert "查到 0 处" in out.getvalue()
    (folder / "leak.txt").write_text(PHONE)
    with pytest.raises(CommandError, match="查到 1 处"):
        call_command("scan_at_rest", stdout=StringIO())


def test_a_file_that_was_altered_cut_or_renamed_does_not_open(folder):
    path = folder / "a"
    data = bytes(range(256)) * 9000
    with boxes.Writer(path) as file:
        file.write(data[:100])
        file.write(data[100:])
    assert b"".join(boxes.pieces(path)) == data == boxes.opened(path).read()
    assert boxes.plain_size(path) == len(data)
    with boxes.plain(path) as shown:
        assert shown.read_bytes() == data
    whole = path.read_bytes()
    piece = boxes.PIECE + 28
    start = len(whole) - len(data) - 28 * 3
    for broken in (
        whole[:-1],
        whole[: start + piece],
        whole[: start + 5] + b"\0\0\0" + whole[start + 8 :],
        whole[:start]
        + whole[start + piece : start + 2 * piece]
        + whole[start : start + piece]
        + whole[start + 2 * piece :],
        b"plain text",
    ):
        path.write_bytes(broken)
        with pytest.raises(Unreadable):
            b"".join(boxes.pieces(path))
    (folder / "b").write_bytes(whole)
    with pytest.raises(Unreadable):
        b"".join(boxes.pieces(folder / "b"))
    for size in (0, 1, boxes.PIECE, boxes.PIECE + 1):
        small = folder / f"n{size}"
        with boxes.Writer(small) as file:
            file.write(b"x" * size)
        assert len(b"".join(boxes.pieces(small))) == size == boxes.plain_size(small)
