"""The trail cannot be changed without it showing: triggers, signatures, seals, heads."""

import hmac

import pytest
from django.db import Error, connection, transaction

from fupin.audit import chain, keeper, triggers, witness
from fupin.audit.key import audit_key
from fupin.audit.models import AuditEvent, AuditSeal, AuditSlot
from fupin.audit.record import record
from fupin.audit.seal import export_head, head_line, seal
from fupin.audit.verify import verify
from fupin.spans import spans_of, spelled
from tests import factories

pytestmark = pytest.mark.django_db

EVENT, SEAL = triggers.TABLES


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture(autouse=True)
def nothing_left(db):
    """Tests that commit leave notes of events that their end took away, and SQLite's counter where they left it."""
    for path in witness.files():
        path.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        last = f"(SELECT coalesce(max(id), 0) FROM {EVENT})"
        sql(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = %s", EVENT)


def write(count, **detail):
    return [record("visit.record", f"households.visit:{n}", by=None, **detail) for n in range(count)]


def found(heads=()):
    """`{(kind, number)}`; that the triggers are gone is what these tests begin with."""
    return {(one.kind, one.where) for one in verify(heads).findings if one.kind != "trigger"}


@pytest.fixture
def trail():
    """Thirty events in three seals, and the hand of an owner of the database: no triggers. The verdict on the
    untouched trail is clean."""
    keys = []
    for _ in range(3):
        keys += [event.pk for event in write(10, note="走访")]
        assert seal()
    assert found() == set()
    triggers.drop(connection)  # they come back with the end of the test's transaction
    return keys


def test_the_signature_is_an_hmac():
    for key in (b"k", b"k" * 64, b"k" * 65):
        assert chain.Signer(key).sign("走访") == hmac.digest(key, "走访".encode(), "sha256")


def test_the_key_is_outside_the_database(settings):
    assert len(audit_key()) > 40
    path = settings.AUDIT_KEY_FOLDER / "audit_key"
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("table", triggers.TABLES)
@pytest.mark.parametrize("what", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_the_database_refuses(table, what):
    write(2)
    seal()
    with pytest.raises(Error), transaction.atomic():
        sql(what.format(table))
    assert AuditEvent.objects.count() == 2


def test_replacing_is_refused_too():
    (event,) = write(1)
    statement = "INSERT OR REPLACE INTO {0} SELECT * FROM {0} WHERE id = %s"
    if connection.vendor == "sqlite":
        sql("PRAGMA recursive_triggers = OFF")  # as in a connection that is not ours
    else:
        statement = (
            "INSERT INTO {0} SELECT * FROM {0} WHERE id = %s ON CONFLICT (id) DO UPDATE SET action = 'x'"
        )
    try:
        with pytest.raises(Error), transaction.atomic():
            sql(statement.format(EVENT), event.pk)
    finally:
        if connection.vendor == "sqlite":
            sql("PRAGMA recursive_triggers = ON")


def test_an_event_is_never_saved_again():
    (event,) = write(1)
    with pytest.raises(AssertionError):
        event.save()


def test_events_in_bulk_are_signed_like_single_ones():
    factories.user()
    AuditEvent.objects.bulk_create(AuditEvent(action="visit.record", target=f"t{n}") for n in range(300))
    record("visit.record", "t", by=factories.user(), note='引号"换行\n\x1f', household=7, region_path="99")
    seal()
    verdict = verify([])
    assert (verdict.events, verdict.pending, verdict.findings) == (301, 0, [])


def test_what_is_not_sealed_yet_is_no_finding():
    write(3)
    verdict = verify([])
    assert (verdict.pending, verdict.found) == (3, 0)


@pytest.mark.parametrize(
    "column", ["at", "action", "target", "region_path", "household", "address", "seen", "detail"]
)
def test_every_changed_column_is_found(trail, column):
    value = {"at": "2020-01-01 00:00:00+00:00", "household": 5, "detail": "{}"}.get(column, "x")
    sql(f"UPDATE {EVENT} SET {column} = %s WHERE id = %s", value, trail[14])
    assert found() == {("changed", trail[14])}


def test_the_user_is_signed_too(trail):
    sql(f"UPDATE {EVENT} SET user_id = %s WHERE id = %s", factories.user().pk, trail[3])
    assert ("changed", trail[3]) in found()


@pytest.mark.parametrize("place", [0, 9, 10, 17, 29])
def test_a_deleted_event_is_named(trail, place):
    sql(f"DELETE FROM {EVENT} WHERE id = %s", trail[place])
    assert found() == {("deleted", trail[place])}


COPY = (
    f"INSERT INTO {EVENT} (id, at, user_id, action, target, region_path, household, address, seen, detail, mac, txid, turn)"
    f" SELECT %s, at, user_id, action, target, region_path, household, address, seen, detail, mac, txid, turn FROM {EVENT} WHERE id = %s"
)


def test_an_event_put_in_is_named(trail):
    sql(COPY, trail[-1] + 1, trail[4])
    assert ("inserted", trail[-1] + 1) in found()


def test_swapped_events_are_named(trail):
    one, other = trail[12], trail[20]
    for old, new in ((one, 10**9), (other, one), (10**9, other)):
        sql(f"UPDATE {EVENT} SET id = %s WHERE id = %s", new, old)
    assert found() == {("reordered", one), ("reordered", other)}


def test_an_older_event_put_back_under_its_number_is_found(trail):
    """A number given twice, both times signed by us: the database was set back and went on."""
    kept = AuditEvent.objects.filter(pk=trail[5]).values_list("mac", flat=True)[0]
    turn = AuditEvent.objects.filter(pk=trail[5]).values_list("turn", flat=True)[0]
    text = f"{trail[5]}\x1f2020-01-01 00:00:00.000000\x1f\x1fx\x1ft\x1f\x1f\x1f\x1f\x1f{turn}\x1f{{}}"
    mac = chain.signer().sign(text)
    assert mac != bytes(kept)
    sql(
        f"UPDATE {EVENT} SET at = '2020-01-01 00:00:00.000000+00:00', action = 'x', target = 't', region_path = '', detail = '{{}}', mac = %s WHERE id = %s",
        mac, trail[5],
    )  # fmt: skip
    if connection.vendor == "sqlite":
        sql(f"UPDATE {EVENT} SET at = '2020-01-01 00:00:00.000000' WHERE id = %s", trail[5])
    assert found() == {("changed", 1)}


def test_a_changed_seal_and_a_deleted_one_are_named(trail):
    sql(f"UPDATE {SEAL} SET count = 11 WHERE number = 2")
    assert ("seal_changed", 2) in found()
    sql(f"DELETE FROM {SEAL} WHERE number = 2")
    assert ("seal_deleted", 2) in found()


def test_a_tail_cut_off_with_its_seals_is_told_by_the_exported_head(trail):
    head = head_line(AuditSeal.objects.first())
    assert found([head]) == set()
    sql(f"DELETE FROM {EVENT} WHERE id > %s", trail[19])
    sql(f"DELETE FROM {SEAL} WHERE number = 3")
    if connection.vendor == "sqlite":
        sql("UPDATE sqlite_sequence SET seq = %s WHERE name = 'audit_auditevent'", trail[19])
    else:
        sql("UPDATE audit_auditslot SET turn = turn - 10 WHERE number = 1")
    assert found() == set()  # without the head nobody could tell
    assert found([head]) == {("truncated", trail[29])}


def test_a_made_up_head_is_told(trail):
    head = head_line(AuditSeal.objects.first())
    assert {kind for kind, _ in found([head.replace('"seal": 3', '"seal": 2'), "{}", "x"])} == {"head_forged"}


def test_a_chain_written_anew_differs_from_the_head(trail, monkeypatch):
    """Even with the key: what was carried out cannot be called back."""
    head = head_line(AuditSeal.objects.first())
    sql(f"DELETE FROM {SEAL}")
    sql(f"DELETE FROM {EVENT} WHERE id = %s", trail[7])
    seal()
    assert found([head]) >= {("truncated", trail[29])}


@pytest.mark.parametrize("gone", [[0], [1], [3], [1, 2], [0, 1, 2, 3]])
def test_events_deleted_before_their_seal_are_missed(trail, gone):
    """On SQLite numbers have no holes; on PostgreSQL turns have none, whatever was rolled back in between."""
    keys = []
    for _ in range(4):
        with transaction.atomic():
            write(1)
            transaction.set_rollback(True)
        keys += [event.pk for event in write(1)]
    assert found() == set()
    sql(f"DELETE FROM {EVENT} WHERE id = ANY(%s)", [keys[n] for n in gone]) if connection.vendor == "postgresql" else [
        sql(f"DELETE FROM {EVENT} WHERE id = %s", keys[n]) for n in gone
    ]  # fmt: skip
    assert {kind for kind, _ in found()} == {"truncated"}
    seal()
    assert {kind for kind, _ in found()} == {"truncated"}


def test_a_deleted_event_is_named_once_sealed_or_not(trail):
    keys = [event.pk for event in write(3)]
    for key in (trail[4], trail[29], keys[1]):
        sql(f"DELETE FROM {EVENT} WHERE id = %s", key)
    named = [one.kind for one in verify([]).findings if one.kind != "trigger"]
    assert sorted(named) == ["deleted", "deleted", "truncated"]


def counter_set_back():
    if connection.vendor == "sqlite":
        sql("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'audit_auditevent'")
    else:
        sql("UPDATE audit_auditslot SET turn = turn - 1 WHERE number = 1")


@pytest.fixture
def remembers(trail, settings, tmp_path, django_capture_on_commit_callbacks):
    """The numbers of three events, committed by a process that remembers."""
    settings.AUDIT_REMEMBERS, settings.VAR = True, tmp_path
    chain._left.clear()
    with django_capture_on_commit_callbacks(execute=True):
        keys = [event.pk for event in write(3)]
        chain.write(AuditEvent, [("visit.record", f"t{n}", "", None, "", {}) for n in range(60)], user=None)
        write(1)
    assert found(()) == set() and verify([]).noted == 5
    yield keys
    chain._left.clear()


def test_the_last_event_and_its_counter_and_its_writer_gone_within_seconds(remembers):
    last = AuditEvent.objects.order_by("-pk")[0].pk
    sql(f"DELETE FROM {EVENT} WHERE id = %s", last)
    counter_set_back()
    chain._left.clear()  # the process that wrote is no more
    assert found() == {("truncated", last)}
    write(1)
    seal()
    assert found() == {("changed" if connection.vendor == "sqlite" else "truncated", last)}


def test_what_was_written_in_bulk_is_noted_too(remembers):
    keys = list(AuditEvent.objects.filter(target__startswith="t").order_by("pk").values_list("pk", flat=True))
    for key in (keys[7], keys[-1]):
        sql(f"DELETE FROM {EVENT} WHERE id = %s", key)
    assert {key for _, key in found()} >= {keys[7], keys[-1]}


def test_a_note_that_was_changed_is_told(remembers):
    path = witness.files()[1]
    path.write_text(path.read_text().replace(str(remembers[1]), str(remembers[1] + 1), 1) + "x\n\n")
    kinds = [one.kind for one in verify([]).findings if one.kind != "trigger"]
    assert kinds == ["note_forged"] * 3


def test_a_long_file_of_notes_is_followed_by_another(remembers, monkeypatch):
    witness.turn_over()
    assert not witness.files()[0].exists()
    monkeypatch.setattr(witness, "MOST", 100)
    witness.turn_over()
    witness.turn_over()
    assert not witness.files()[1].exists() and verify([]).noted == 5
    assert witness.files()[0].stat().st_mode & 0o077 == 0


def test_who_sets_the_counter_back_as_well_is_found_by_the_next_write(remembers):
    last = AuditEvent.objects.order_by("-pk")[0].pk
    sql(f"DELETE FROM {EVENT} WHERE id = %s", last)
    counter_set_back()
    witness.files()[1].unlink()
    assert found() == set()
    write(1)
    assert {kind for kind, _ in found()} == {"truncated"}
    assert AuditEvent.objects.filter(action=chain.SET_BACK).count() == 1


def test_a_counter_below_what_it_gave_is_told_and_refused():
    turns = [event.turn for event in AuditEvent.objects.filter(pk__in=[event.pk for event in write(3)])]
    if connection.vendor == "sqlite":  # its numbers have no holes: no counters are needed
        assert (turns, AuditSlot.objects.count()) == ([0, 0, 0], 0)
        return
    assert len(set(turns)) == 3
    with pytest.raises(Error), transaction.atomic():
        sql("UPDATE audit_auditslot SET turn = 1")
    triggers.drop(connection)
    sql("UPDATE audit_auditslot SET turn = 1 WHERE number = 1")
    assert ("truncated", 0) in found()


def test_missing_triggers_are_told():
    triggers.drop(connection)
    assert {one.kind for one in verify([]).findings} == {"trigger"}


def test_spans_are_read_as_they_are_written():
    assert spelled([1, 2, 3, 5, 7, 8]) == "1-3 5 7-8"
    assert spans_of("1-3 5 7-8") == [(1, 3), (5, 5), (7, 8)]
    assert spelled([4, 6, 7], ",") == "4,6-7" and spans_of("4,6-7", ",") == [(4, 4), (6, 7)]
    assert spelled([]) == "" and spans_of("") == []


def test_the_keeper_seals_beats_and_carries_out(tmp_path, settings):
    settings.VAR, settings.AUDIT_HEAD_COPY = tmp_path, tmp_path / "second" / "heads.jsonl"
    for name in keeper._due:
        keeper._due[name] = 0.0
    keeper.tend()
    keeper.tend()
    assert AuditEvent.objects.filter(action="audit.heartbeat").count() == 1
    seal()
    line = export_head()
    assert (tmp_path / "audit" / "heads.jsonl").read_text().splitlines()[-1] == line
    assert settings.AUDIT_HEAD_COPY.read_text().splitlines()[-1] == line
    assert verify().findings == []
    assert verify().heads >= 1
