"""The key is changed while the register is used, may stop anywhere, and leaves nothing that the old key must open."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from fupin.accounts import otp
from fupin.accounts.models import User
from fupin.accounts.roles import Role
from fupin.audit.models import AuditEvent
from fupin.crypt import boxes, ring, rotation, sealing
from fupin.excel.models import ImportUndo
from households.models import Household, Member, MemberYear
from tests import factories
from tests.workbooks import imported, made, uploaded

pytestmark = pytest.mark.django_db
HEADER = ("户编号", "村", "姓名", "身份证号", "与户主关系", "联系电话", "健康状况")


@pytest.fixture
def keys(settings, tmp_path, monkeypatch):
    settings.KEYS, settings.FILES = tmp_path / "keys", tmp_path / "files"
    monkeypatch.setattr(rotation, "WAIT", 0)
    monkeypatch.setattr(rotation, "BREATH", 0)
    settings.FILES.mkdir()
    ring.create("INT")
    yield
    settings.KEYS = settings.VAR / "keys"
    ring._held = None


def heads():
    """The heads of all tokens and marks of the register."""
    found = set()
    for model, names in ((Member, "id_number phone id_mark id_tail phone_mark"), (Household, "phone bank_account phone_mark bank_mark"),
                         (MemberYear, "health")):  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(names.split())} FROM {model._meta.db_table}")
            found |= {text.partition(".")[0] for row in cursor.fetchall() for text in row if text}
    return found


def rotate(*words):
    out = StringIO()
    call_command("rotate_keys", "--reason", "年度更换密钥", *words, stdout=out)
    return out.getvalue()


def test_from_one_suite_to_the_other_with_a_stop_in_the_middle(keys, login):
    homes = [
        factories.household(members=2, phone=f"154000000{n:02}", bank_account=f"62170000000000{n:02}")
        for n in range(8)
    ]
    MemberYear.objects.create(member=homes[0].members.first(), year=2025, health="02,04")
    held = {row.pk: (row.id_number, row.phone) for row in Member.objects.all()}
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    session = client.session
    session["household_search"] = {"term": "15400000003"}
    session.save()
    village = factories.region("990101100201").short_name
    batch = uploaded(
        client,
        made(HEADER, ("H1", village, "甲", factories.id_number(90), "户主", "15400000099", "患有大病")),
    )
    assert heads() == {"I1", "1"}

    class Stopped(Exception):
        pass

    def stop(done):
        if done.total >= 4:
            raise Stopped

    rotation.begin("GM")
    with pytest.raises(Stopped):
        rotation.carry_on(step=stop, batch=2)
    assert heads() == {"I1", "1", "G2", "2"}  # both are read, searched for and kept apart
    assert {row.pk: (row.id_number, row.phone) for row in Member.objects.all()} == held
    for home in homes:
        person = home.members.first()
        assert Member.objects.get(id_number=person.id_number) == person
        assert Household.objects.get(phone=home.phone) == home
    with pytest.raises(CommandError, match="还在使用"):
        rotate("--retire")

    said = rotate()

    assert "当前密钥 G2" in said and max(ring.reread().keys) == 2
    assert heads() == {"G2", "2"}
    rotate("--retire")
    assert list(ring.reread().keys) == [2]
    assert {row.pk: (row.id_number, row.phone) for row in Member.objects.all()} == held
    assert Household.objects.get(bank_account="6217000000000003") == homes[3]
    assert MemberYear.objects.get(health__isnull=False).health == "02,04"
    assert client.session["household_search"] == {"term": "15400000003"}
    assert client.get("/").status_code in (200, 302)
    assert batch.issues is not None and b"".join(boxes.pieces(batch.stored))[:2] == b"PK"
    client.post(reverse("import_commit", args=[batch.uid]), {"policy": "good"})
    with pytest.raises(Exception, match="id_mark|member_id_once"):
        Member.objects.create(
            household=homes[0],
            region_path=homes[0].region_path,
            name="乙",
            id_number=next(iter(held.values()))[0],
        )


def test_what_changes_between_reading_and_writing_keeps_the_newer_value(keys, monkeypatch):
    people = list(factories.household(members=4).members.order_by("pk"))
    sealed, asked = rotation._anew, []

    def others_write_meanwhile(model, rows):
        fresh = sealed(model, rows)
        if model is Member and not asked:
            Member.objects.filter(pk=people[2].pk).update(
                region_path="990102"
            )  # another place for its ending
            Member.objects.filter(pk=people[3].pk).update(phone="15500000000")
        asked.extend(rows if model is Member else ())
        return fresh

    monkeypatch.setattr(rotation, "_anew", others_write_meanwhile)
    rotation.begin("GM")
    done = rotation.carry_on()

    assert [row[0] for row in asked] == [row.pk for row in (*people, *people[2:])]  # two had to be read again
    assert done.rows["households.Member"] == 4 and not rotation.left()
    assert heads() == {"G2", "2"}
    assert Member.objects.get(phone="15500000000") == people[3]
    assert Member.objects.get(pk=people[3].pk).id_number == people[3].id_number
    tail = Member._meta.get_field("id_tail")
    assert Member.objects.get(pk=people[2].pk).id_tail in tail.marks_in(people[2].id_number[-4:], ["990102"])


def test_an_import_can_still_be_undone_after_the_change(keys, login):
    client = login(factories.user(Role.TOWNSHIP_OPERATOR, at="990101100"))
    village = factories.region("990101100201").short_name
    row = ("H1", village, "甲", factories.id_number(91), "户主", "15400000099", "患有大病")
    imported(client, made(HEADER, row))
    batch = imported(client, made(HEADER, (*row[:5], "15400000098", "残疾")))

    rotate("--suite", "GM")

    with pytest.raises(CommandError, match="可以撤销的导入"):
        rotate("--retire")
    client.post(reverse("import_undo", args=[batch.uid]))
    batch.refresh_from_db()
    assert batch.state == "undone"
    member = Member.objects.get(name="甲")
    assert (member.household.phone or member.phone) == "15400000099"
    ImportUndo.objects.update(until=timezone.now() - timedelta(1))
    with pytest.raises(CommandError, match="还在使用"):  # what was put back is of the old key
        rotate("--retire")
    rotate("--resume")
    rotate("--retire")
    assert Member.objects.get(id_number=row[3]).name == "甲"


def test_a_key_that_is_gone_says_so(keys):
    home = factories.household(phone="15400000001")
    held = ring.reread()
    ring.write([ring.fresh_key("INT")], 2)

    assert held.current.version == 1
    with pytest.raises(sealing.Unreadable, match="I1 不在密钥文件中"):
        Household.objects.get(pk=home.pk)


def test_the_second_factor_goes_over_to_the_new_key(keys):
    user, secret = factories.user(), otp.new_secret()
    otp.enrol(user, secret, 0)
    rotate("--suite", "GM")
    rotate("--retire")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        assert cursor.fetchone()[0].startswith("G2.")
    code = otp.code_at(secret, int(time.time()) // otp.STEP)
    assert otp.accept(User.objects.get(pk=user.pk), code) == "code"


# ---- who does it

PASSWORD = "right-horse-battery"


@pytest.fixture
def keeper():
    user = factories.user(Role.SYSTEM_ADMIN, at="990101")
    user.set_password(PASSWORD)
    user.save()
    return user


def typed(monkeypatch, *lines):
    monkeypatch.setattr("sys.stdin", StringIO("".join(f"{line}\n" for line in lines)))


def test_nobody_rotates_without_a_name_or_a_reason(keys):
    for words in ([], ["--reason", "换"]):
        with pytest.raises(CommandError, match="--as"):
            call_command("rotate_keys", *words, stdout=StringIO())
    assert ring.ring().current.version == 1


def test_a_person_rotates_with_password_and_code_and_stands_in_the_trail(keys, keeper, monkeypatch):
    secret = otp.new_secret()
    otp.enrol(keeper, secret, 0)
    typed(monkeypatch, PASSWORD, otp.code_at(secret, int(time.time()) // otp.STEP))
    call_command("rotate_keys", "--as", keeper.username, stdout=StringIO())
    assert ring.ring().current.version == 2
    told = AuditEvent.objects.filter(action__startswith="key.").order_by("pk").values_list("action", "user")
    assert list(told) == [("key.begin", keeper.pk), ("key.done", keeper.pk)]


def test_who_is_wrong_or_has_no_such_right_is_refused_and_told(keys, keeper, monkeypatch):
    clerk = factories.user(Role.COUNTY_OFFICE, at="990101")
    clerk.set_password(PASSWORD)
    clerk.save()
    otp.enrol(keeper, otp.new_secret(), 0)
    otp.enrol(clerk, secret := otp.new_secret(), 0)
    now = otp.code_at(secret, int(time.time()) // otp.STEP)
    for username, lines in (
        (keeper.username, ["wrong"]), (keeper.username, [PASSWORD, "000000x"]), (clerk.username, [PASSWORD, now]), ("nobody", []),
    ):  # fmt: skip
        typed(monkeypatch, *lines)
        with pytest.raises(CommandError, match="不对"):
            call_command("rotate_keys", "--as", username, stdout=StringIO())
    assert ring.ring().current.version == 1
    assert not AuditEvent.objects.filter(action__startswith="key.").exists()
    assert AuditEvent.objects.filter(action="user.login_failed").count() == 3
