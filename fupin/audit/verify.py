"""Reading the whole trail again: every event, every seal, every exported head; what does not fit is named.

One pass over the events in order of their numbers, with the seals' spans beside it. Nothing is held in memory but the
spans and the findings. A million events are to take less than 20 seconds, so the loop has no calls it can do without.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import connection

from fupin.audit import triggers, witness
from fupin.audit.chain import SET_BACK, TURN, signer
from fupin.audit.models import AuditSeal, AuditSlot
from fupin.audit.seal import head_files, head_of, signature
from fupin.spans import spans_of

CHUNK = 5000
LATE = timedelta(minutes=10)
"""Events that nobody sealed for so long: the worker does not run, or somebody keeps it from sealing."""
PAIRS = 400
"""Unsigned events among which swapped ones are looked for: each is tried under each other's number."""
END = 1 << 62
"""Above every number."""
NAMED = 1000
"""Findings that are kept; the rest is counted."""

KINDS = {
    "changed": "内容被改", "reordered": "顺序被换", "inserted": "凭空多出", "deleted": "已被删除",
    "seal_changed": "封签被改", "seal_deleted": "封签缺失", "truncated": "末尾被截断", "head_forged": "外存头被改",
    "note_forged": "库外记录被改",
    "late": "长时间未封", "trigger": "保护触发器缺失",
}  # fmt: skip

OF_EVENTS = ("deleted", "inserted", "reordered", "truncated")
"""Kinds whose `where` is the number of an event."""


@dataclass(frozen=True)
class Finding:
    """What does not fit: `kind` of KINDS, `where` the number of an event or seal (0 when it is neither), in words."""

    kind: str
    where: int
    words: str

    def __str__(self):
        return f"{KINDS[self.kind]}：{self.words}"


@dataclass
class Verdict:
    """What a verification came to. `findings` holds the first NAMED, `found` counts all."""

    events: int = 0
    seals: int = 0
    heads: int = 0
    noted: int = 0
    pending: int = 0
    found: int = 0
    findings: list = field(default_factory=list)

    def add(self, kind, where, words):
        self.found += 1
        if len(self.findings) < NAMED:
            self.findings.append(Finding(kind, where, words))


def verify(heads=None):
    """Verify everything; `heads`: lines of exported heads, those of the head files when None."""
    verdict = Verdict()
    seals = _seals(verdict)
    events = _Events(verdict, seals)
    events.read()
    _witnessed(verdict, events)
    _heads(verdict, seals, heads)
    for table in triggers.missing(connection):
        verdict.add("trigger", 0, f"表 {table} 的触发器已被去掉。执行 manage.py migrate 可恢复。")
    return verdict


def _seals(verdict):
    """`{number: seal}`, after looking at each of them."""
    found, before, expected = {}, b"", 1
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=2000):
        for gap in range(expected, min(seal.number, expected + NAMED)):
            verdict.add("seal_deleted", gap, f"第 {gap} 号封签不在了。")
        held = seal.number == expected
        if signature(seal, before) != bytes(seal.mac) and held:
            verdict.add("seal_changed", seal.number, f"第 {seal.number} 号封签的内容与签名不符。")
        before, expected = bytes(seal.mac), seal.number + 1
        found[seal.number] = seal
    verdict.seals = len(found)
    return found


def _heads(verdict, seals, lines):
    for line in _lines() if lines is None else lines:
        verdict.heads += 1
        told = head_of(line)
        if told is None:
            verdict.add("head_forged", 0, f"外存头第 {verdict.heads} 行不是本系统写的，或被改过。")
            continue
        seal = seals.get(told["seal"])
        if seal is None:
            words = f"外存头记到第 {told['seal']} 号封签、第 {told['last']} 号事件（{told['at'][:19]} UTC），库中没有这个封签。"
            verdict.add(
                "truncated" if told["seal"] > max(seals, default=0) else "seal_deleted", told["last"], words
            )
        elif bytes(seal.mac).hex() != told["mac"] or seal.total != told["events"]:
            verdict.add("seal_changed", told["seal"], f"第 {told['seal']} 号封签与外存头不同：换过一条链。")


def _witnessed(verdict, events):
    """What the writers noted outside the database and is not there, or is something else; what the pass over the events
    has named is not named again."""
    sign, noted = signer().sign, []
    for number, line in enumerate(witness.lines(), 1):
        told = witness.read(line, sign)
        if told:
            noted.append(told)
        else:
            verdict.add("note_forged", 0, f"库外记录第 {number} 行不是本系统写的，或被改过。")
    verdict.noted = len(noted)
    named = {finding.where for finding in verdict.findings if finding.kind in OF_EVENTS}
    named |= {row[0] for row in events.broken}
    for gone, first in witness.missed(noted):
        if gone:
            for key in gone:
                if key not in named:
                    verdict.add("truncated", key, f"第 {key} 号事件写入后被删去（库外记录记着它）。")
        elif first not in named:
            words = f"第 {first} 号事件与写入时的库外记录不符：原来的被删去，编号给了别的事件。"
            verdict.add("changed", first, words)
        named.update(gone or [first])


def _lines():
    for path in head_files():
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as file:
                yield from file


class _Events:
    """The pass over the events."""

    def __init__(self, verdict, seals):
        self.verdict, self.seals = verdict, seals
        self.digests = {number: sha256() for number in seals}
        self.wrong = set()  # seals that cannot hold, for a reason named already
        self.spans = sorted(
            (first, last, number) for number, seal in seals.items() for first, last in spans_of(seal.spans)
        )
        self.horizon = max((seal.horizon for seal in seals.values()), default=0)
        self.top = self.spans[-1][1] if self.spans else 0
        self.gaps = (
            verdict.found > 0
        )  # seals are missing or changed: events without one are not said to be invented
        self.broken = []  # rows that their signature does not fit
        self.lost = []  # [(first, last)] numbers of sealed events that are gone
        self.turns = _Turns()

    def read(self):
        verdict, oldest = self.verdict, None
        turns, after, held = self.turns, 0, 0
        spans = iter(self.spans)
        first, last, number = self._next(spans)
        due = first
        sign = signer()
        inner, outer = sign.inner.copy, sign.outer.copy
        for rows in _chunks():
            verdict.events += len(rows)
            for at, (key, when, user, action, target, path, household, address, seen, detail, mac, _txid, turn) in enumerate(rows):  # fmt: skip
                if len(when) == 19:
                    when += ".000000"  # SQLite writes no fraction where there is none
                a, b = inner(), outer()
                a.update(
                    f"{key}\x1f{when}\x1f{user or ''}\x1f{action}\x1f{target}\x1f{path}\x1f{household or ''}"
                    f"\x1f{address}\x1f{seen}\x1f{turn}\x1f{detail}".encode()
                )
                b.update(a.digest())
                good = b.digest() == mac
                if turn:
                    if turn == after and good:
                        after, held = after + 1, key
                    else:
                        after, held = turns.jump(after, held, turn, key, good)
                if action == SET_BACK:
                    verdict.add(
                        "truncated", key, f"第 {key} 号事件之前的记录曾被删去，计数被调回（写入时发现）。"
                    )
                while key > last:  # the rest of this span is gone
                    self._gone(due, last, number)
                    first, last, number = self._next(spans)
                    due = first
                if key < first:
                    self._unsealed(rows[at], good)
                    if good:
                        oldest = oldest or when
                    continue
                if key > due:
                    self._gone(due, key - 1, number)
                due = key + 1
                self.digests[number].update(mac)
                if not good:
                    self.wrong.add(number)
                    self.broken.append(rows[at])
        while number:
            self._gone(due, last, number)
            first, last, number = self._next(spans)
            due = first
        self._name_broken()
        self._digests()
        for before, following, count in turns.missed(after, held, self.lost):
            where = f"在第 {before} 号和第 {following} 号之间" if following < END else f"在第 {before} 号之后"
            verdict.add("truncated", before + 1, f"{where}少了 {count} 条封签之前的事件（次序有缺）。")
        for slot in turns.set_back():
            verdict.add("truncated", 0, f"第 {slot} 个次序计数被调回。")
        self._after(oldest)

    @staticmethod
    def _next(spans):
        return next(spans, (END, END, 0))

    def _gone(self, first, last, number):
        if not number or first > last:
            return
        self.wrong.add(number)
        self.lost.append((first, last))
        for key in range(first, min(last, first + NAMED) + 1):
            self.verdict.add("deleted", key, f"第 {key} 号事件不在了（第 {number} 号封签记着它）。")

    def _unsealed(self, row, good):
        key, txid = row[0], row[-2]
        if not good:
            self.broken.append(row)
        elif not self.gaps and (txid < self.horizon if connection.vendor == "postgresql" else key < self.top):
            self.verdict.add("inserted", key, f"第 {key} 号事件不在任何封签里。")
        else:
            self.verdict.pending += 1

    def _name_broken(self):
        """Tell changed events from those that stand under another one's number, and from those that nobody sealed."""
        sealed = {row[0] for row in self.broken if self._is_sealed(row[0])}
        moved = {}
        if len(self.broken) <= PAIRS:
            sign = signer().sign
            for row in self.broken:
                text = _text(row)
                for other in self.broken:
                    if other[0] != row[0] and sign(f"{other[0]}{text}") in (row[-3], other[-3]):
                        moved[row[0]] = other[0]
        for row in self.broken:
            key, words = row[0], f"{row[1][:19]} UTC {row[3]} {row[4]}"
            if key in moved:
                self.verdict.add("reordered", key, f"第 {key} 号事件的内容原是第 {moved[key]} 号的。")
            elif key in sealed or self.gaps:
                self.verdict.add("changed", key, f"第 {key} 号事件（现为 {words}）与签名不符。")
            else:
                self.verdict.add(
                    "inserted", key, f"第 {key} 号事件（{words}）没有本系统的签名，也不在封签里。"
                )

    def _is_sealed(self, key):
        at = bisect_right(self.spans, (key, 1 << 62, 0)) - 1
        return at >= 0 and self.spans[at][0] <= key <= self.spans[at][1]

    def _digests(self):
        """Events that are signed, but are not those that were sealed: put back from an older copy."""
        for number, digest in self.digests.items():
            if number not in self.wrong and digest.digest() != bytes(self.seals[number].digest):
                spans = self.seals[number].spans
                self.verdict.add(
                    "changed", number, f"第 {number} 号封签内的事件（{spans[:60]}）被换成了别的。"
                )

    def _after(self, oldest):
        """On SQLite, where numbers have no holes (the counter is part of the transaction): what was deleted before its
        seal. And the tail that no seal covers yet."""
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                for (_, before, _), (following, _, _) in zip(self.spans, self.spans[1:]):
                    if following > before + 1:
                        self._between(cursor, before, following)
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit_auditevent'")
                given = (cursor.fetchone() or [0])[0]
                cursor.execute("SELECT count(*), max(id) FROM audit_auditevent WHERE id > %s", [self.top])
                count, last = cursor.fetchone()
            lost = given - self.top - count
            if lost > 0:
                self.verdict.add(
                    "truncated",
                    (last or self.top) + 1,
                    f"最后未封的事件少了 {lost} 条（编号已发到 {given}）。",
                )
        self._late(oldest)

    def _between(self, cursor, before, following):
        cursor.execute("SELECT count(*) FROM audit_auditevent WHERE id > %s AND id < %s", [before, following])
        lost = following - before - 1 - cursor.fetchone()[0]
        if lost:
            words = f"第 {before + 1} 号至第 {following - 1} 号事件少了 {lost} 条，在封签之前就被删去。"
            self.verdict.add("truncated", before + 1, words)

    def _late(self, oldest):
        if oldest:
            age = datetime.now(UTC) - datetime.fromisoformat(oldest).replace(tzinfo=UTC)
            if age > LATE:
                self.verdict.add(
                    "late",
                    0,
                    f"{self.verdict.pending} 条事件最早已 {int(age.total_seconds() // 60)} 分钟没有封签，请检查后台进程。",
                )


def _text(row):
    """What is signed of a row, without its number."""
    _, when, user, action, target, path, household, address, seen, detail, _, _, turn = row
    when = when if len(when) > 19 else f"{when}.000000"
    return f"\x1f{when}\x1f{user or ''}\x1f{action}\x1f{target}\x1f{path}\x1f{household or ''}\x1f{address}\x1f{seen}\x1f{turn}\x1f{detail}"


class _Turns:
    """Whether the turns of each slot have no holes (PostgreSQL; see chain.py). Where they have, events are gone that
    were there: sealed ones, named already, or ones that nobody had sealed yet."""

    def __init__(self):
        self.stood = _slots()  # read before the events: what was given by then must be among them
        self.slot, self.due, self.holes, self.there = None, {}, [], set()

    def jump(self, after, held, turn, key, good):
        """Take in a turn that does not follow the one before. `after` is what the slot at hand expects next, `held`
        the number of its last event; returns both for what comes then."""
        if not good:
            self.there.add(turn)
            return after, held
        if self.slot is not None:
            self.due[self.slot] = after, held
        self.slot = turn >> TURN
        due, last = self.due.get(self.slot, ((self.slot << TURN) + 1, 0))
        if turn < due:
            self.there.add(turn)
            return due, last
        if turn > due:
            self.holes.append((due, turn - 1, last, key))
        return turn + 1, key

    def missed(self, after, held, lost):
        """`[(number before, number after, how many)]` of the holes that `lost`, the numbers of the sealed events that
        are gone, do not account for."""
        if self.slot is not None:
            self.due[self.slot] = after, held
        for slot, stood in self.stood.items():
            due, last = self.due.get(slot, ((slot << TURN) + 1, 0))
            if (slot << TURN) + stood >= due:
                self.holes.append((due, (slot << TURN) + stood, last, END))
        gone = [key for first, last in lost for key in range(first, min(last, first + NAMED) + 1)]
        for first, last, before, following in sorted(self.holes, key=lambda hole: hole[3]):
            count = last - first + 1 - self._there(first, last, before, following)
            while count and gone and (at := bisect_right(gone, before)) < len(gone) and gone[at] < following:
                del gone[at]
                count -= 1
            if count:
                yield before, following, count

    def _there(self, first, last, before, following):
        """How many turns of a hole are there after all: under another number, in a changed event, or written by a
        transaction that ended while the events were read."""
        found = {turn for turn in self.there if first <= turn <= last}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT turn FROM audit_auditevent WHERE id > %s AND id < %s AND turn BETWEEN %s AND %s",
                [before, following, first, last],
            )
            return len(found | {row[0] for row in cursor.fetchall()})

    def set_back(self):
        """Slots whose counter stands below turns that it has given."""
        for slot, stood in _slots().items():
            due, _ = self.due.get(slot, (0, 0))
            if due - (slot << TURN) - 1 > stood:
                yield slot


def _slots():
    """`{slot: where its counter stands}`."""
    if connection.vendor != "postgresql":
        return {}
    return dict(AuditSlot.objects.values_list("number", "turn"))


def _chunks():
    """All events in order, as the database holds them, in lists of CHUNK."""
    at = (
        "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        if connection.vendor == "postgresql"
        else "at || ''"
    )
    columns = (
        f"id, {at}, user_id, action, target, region_path, household, address, seen, detail, mac, txid, turn"
    )
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT {columns} FROM audit_auditevent WHERE id > %s ORDER BY id LIMIT {CHUNK}",  # noqa: S608
                [last],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield rows
