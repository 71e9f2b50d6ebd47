"""The figures of the audit trail, by hand: `python -m tests.bench.audit [--events 1000000] [--tampered 1000]`.

On a database of its own: SQLite in a temporary folder, or the empty one that DATABASE_URL names. Prints what an event
costs to write, what sealing and verifying cost, how many planted changes are found, and how long `who_saw` takes for
500 planted views among all events. Exit code 1 when a figure is missed.
"""

import argparse
import os
import random
import sys
import tempfile
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--events", type=int, default=1_000_000)
arguments.add_argument("--tampered", type=int, default=1000)

VERIFY, WHO_SAW = 20.0, 10.0
"""Seconds allowed."""
BATCH = 20_000
VIEWS = 500


def ready():
    if "FUPIN_VAR" not in os.environ:
        os.environ["FUPIN_VAR"] = tempfile.mkdtemp(prefix="fupin-audit-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.import_settings"
    import django

    django.setup()
    from django.core.management import call_command

    from fupin.regions import scope

    scope.process("tests")
    call_command("migrate", verbosity=0)


def fill(count):
    """`count` events like those of an import; prints what one costs with and without its signature."""
    from django.db import transaction
    from django.utils import timezone

    from fupin.audit import chain
    from fupin.audit.models import AuditEvent
    from fupin.bulk import insert_rows

    rows = [
        ("household.import", f"households.household:{n}", f"990101{n % 9000:08}", None, "", {"batch": 1, "year": 2026, "what": ["new"], "persons": 3})
        for n in range(BATCH)
    ]  # fmt: skip
    began, worked, made = time.perf_counter(), time.process_time(), 0
    while made < count:
        chain.write(AuditEvent, rows, user=None)
        made += BATCH
    signed = (time.perf_counter() - began) / made * 1e6
    worked = (time.process_time() - worked) / made * 1e6
    sign = chain.signer().sign
    text = f"123456\x1f2026-01-01 00:00:00.000000\x1f\x1f{rows[0][0]}\x1f{rows[0][1]}\x1f{rows[0][2]}\x1f\x1f\x1f\x1f0\x1f{chain.encoded(rows[0][5])}"
    began = time.process_time()
    for _ in range(BATCH):
        sign(text)
    alone = (time.process_time() - began) / BATCH * 1e6
    names = ("action", "target", "region_path", "household", "seen", "detail")
    plain = []
    for _ in range(3):
        with transaction.atomic():
            began = time.process_time()
            unsigned = [(*row[:5], chain.encoded(row[5])) for row in rows]
            fixed = {"at": timezone.now(), "user": None, "mac": b"", "address": "", "txid": 0, "turn": 0}
            insert_rows(AuditEvent, names, unsigned, constants=fixed, derived=True)
            plain.append((time.process_time() - began) / BATCH * 1e6)
            transaction.set_rollback(True)
    print(
        f"write: {made:,} events, {signed:.1f} us each signed ({worked:.1f} us of processor); the same rows unsigned"
        f" {min(plain):.1f} us of processor; the HMAC alone {alone:.1f} us"
    )
    return made


def who_saw():
    """Plant VIEWS views of a stolen session among the events; whether all of them, and no others, come out in time."""
    from django.utils import timezone

    from fupin.accounts.models import User
    from fupin.audit.models import AuditEvent
    from fupin.audit.record import source
    from households.sights import events_of, who_was_seen

    thief, other = (User.objects.create_user(name, None, name=name) for name in ("thief", "other"))
    for user, address, first in ((thief, "10.9.9.9", 1_000_000), (other, "10.1.1.1", 2_000_000)):
        source.set(address)
        AuditEvent.objects.bulk_create(
            AuditEvent(action="household.view", target=f"households.household:{first + n}", user=user, address=address,
                       seen=f"h{first + n} m{first + 3 * n}-{first + 3 * n + 2}")
            for n in range(VIEWS)
        )  # fmt: skip
    window = {"since": timezone.now().replace(year=2020), "until": timezone.now().replace(year=2099)}
    planted = {1_000_000 + n for n in range(3 * VIEWS)}
    good = True
    for words in ({"account": "thief"}, {"address": "10.9.9.9"}):
        began = time.perf_counter()
        found = {one.member for one in who_was_seen(events_of(None, **window, **words)) if one.member}
        took = time.perf_counter() - began
        print(
            f"who_saw by {next(iter(words))}: {VIEWS} views planted, recall {len(found & planted) / len(planted):.0%}, "
            f"{len(found - planted)} others, {took:.2f} s"
        )
        good &= took <= WHO_SAW and found == planted
    return good


def sealed():
    from fupin.audit.seal import export_head, seal

    began = time.perf_counter()
    made = seal()
    export_head()
    print(
        f"seal: {sum(one.count for one in made):,} events in {len(made)} seals, {time.perf_counter() - began:.1f} s"
    )


def verified():
    from fupin.audit.verify import verify

    began, worked = time.perf_counter(), time.process_time()
    verdict = verify()
    took, worked = time.perf_counter() - began, time.process_time() - worked
    print(
        f"verify: {verdict.events:,} events, {verdict.seals} seals, {took:.1f} s ({worked:.1f} s of processor), {verdict.found} findings"
    )
    return took, verdict


def tamper(count):
    """Change, delete, put in and swap events at random, `count` in all, as an owner of the database would; returns
    `{number: kind expected}`."""
    from django.db import connection, transaction

    from fupin.audit import triggers
    from fupin.audit.models import AuditEvent

    triggers.drop(connection)
    chance = random.Random(7)
    top = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    picked = chance.sample(range(1, top), count)
    expected = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for place, key in enumerate(picked):
            kind = ("changed", "deleted", "changed", "reordered")[place % 4]
            if kind == "reordered" and (place % 200 > 20 or key + 1 in picked or key - 1 in picked):
                kind = "changed"
            expected[key] = kind
            if kind == "deleted":
                cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [key])
            elif kind == "reordered":
                spare = -key
                for a, b in ((key, spare), (key + 1, key), (spare, key + 1)):
                    cursor.execute("UPDATE audit_auditevent SET id = %s WHERE id = %s", [b, a])
                expected[key + 1] = kind
            else:
                column, value = chance.choice(
                    [("action", "visit.record"), ("region_path", "1"), ("detail", '{"x":1}'), ("seen", "h1")]
                )
                cursor.execute(f"UPDATE audit_auditevent SET {column} = %s WHERE id = %s", [value, key])
        for extra in range(count // 20):
            cursor.execute(
                "INSERT INTO audit_auditevent (id, at, action, target, region_path, address, seen, detail, mac, txid, turn)"
                " SELECT %s, at, action, target, region_path, address, seen, detail, mac, txid, turn FROM audit_auditevent"
                " WHERE id = (SELECT min(id) FROM audit_auditevent)",
                [top + 1 + extra],
            )
            expected[top + 1 + extra] = "inserted"
    triggers.create(connection)
    return expected


def main():
    given = arguments.parse_args()
    ready()
    missed = []
    fill(given.events)
    sealed()
    took, verdict = verified()
    if took > VERIFY or verdict.found:
        missed.append("verify")
    if not who_saw():
        missed.append("who_saw")
    expected = tamper(given.tampered)
    import fupin.audit.verify as reading

    reading.NAMED = 10**6
    took, verdict = verified()
    found = {finding.where: finding.kind for finding in verdict.findings}
    hit = sum(key in found for key in expected)
    exact = sum(
        found.get(key) == kind or kind == "reordered" and found.get(key) == "changed"
        for key, kind in expected.items()
    )
    print(
        f"tampered: {len(expected):,} planted, {hit:,} found, {exact:,} of them by their kind, {len(found) - hit} besides"
    )
    if hit < len(expected) or len(found) > hit:
        missed.append("tampered")
    print("missed: " + ", ".join(missed) if missed else "all figures met")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
