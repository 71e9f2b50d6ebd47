"""Looking for personal values where they must not stand: every file of the installation, every column of the database.

Numbers (ID numbers, phones, accounts) are sought as runs of digits, in ASCII and in UTF-16; other words as bytes.
What is packed is unpacked first: archives and workbooks member by member, and compressed pieces of the database.
"""

import gzip
import io
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from fupin.crypt.guard import encrypted_fields

RUN = re.compile(rb"\d{11,}[Xx]?")
WIDE_RUN = re.compile(rb"(?:\d\x00){11,}(?:[Xx]\x00)?")
PIECE = 8 << 20
OVERLAP = 256
SHORTEST = 6
"""Characters of the shortest value sought: fewer stand anywhere by chance."""
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Sought:
    """The values to look for."""

    def __init__(self, values):
        self.numbers, self.words = set(), set()
        for value in values:
            value = value.strip()
            if re.fullmatch(r"\d{11,}[Xx]?", value):
                self.numbers.add(value.upper().encode())
            elif len(value) >= SHORTEST:
                self.words |= {value.encode(), value.encode("utf-16-le")}
        self.lengths = sorted({len(number) for number in self.numbers})
        self.pattern = re.compile(b"|".join(map(re.escape, sorted(self.words)))) if self.words else None

    def __len__(self):
        return len(self.numbers) + len(self.words) // 2

    def within(self, data):
        """The values that stand in `data`, masked: the report must not hold what it looks for."""
        found = set()
        for run in RUN.findall(data):
            found |= self._in_run(run.upper())
        for run in WIDE_RUN.findall(data):
            found |= self._in_run(run[::2].upper())
        hit = self.pattern.search(data) if self.pattern else None
        return found | ({_masked(hit[0])} if hit else set())

    def _in_run(self, run):
        if run in self.numbers:
            return {_masked(run)}
        return {
            _masked(run[at : at + size])
            for size in self.lengths
            for at in range(len(run) - size + 1)
            if run[at : at + size] in self.numbers
        }


def _masked(value):
    text = value.decode("utf-8", "replace")
    return f"{text[:3]}***{text[-2:]}"


@dataclass
class Report:
    """What was looked through, and where something was found: `[(place, masked value)]`."""

    files: int = 0
    bytes: int = 0
    rows: int = 0
    found: list = field(default_factory=list)

    def add(self, place, values):
        self.found += [(place, value) for value in sorted(values)]


def values_held(limit):
    """Up to `limit` values of each encrypted column, as the register holds them; of free text none."""
    found = set()
    for column in filter(lambda field: field.telling, encrypted_fields()):
        rows = column.model._base_manager.exclude(**{column.name: ""}).order_by("pk")
        found |= {str(value) for value in rows.values_list(column.name, flat=True)[:limit]}
    return found


def look(sought, folders=(), *, step=lambda report: None):
    """Look through the data folder, `folders` (backups, say) and the database. Returns a Report."""
    report = Report()
    for folder in (settings.VAR, *map(Path, folders)):
        for path in sorted(Path(folder).rglob("*")) if Path(folder).is_dir() else [Path(folder)]:
            if path.is_file() and path != Path(settings.KEYS):
                _file(path, sought, report)
                step(report)
    _database(sought, report)
    return report


def _file(path, sought, report):
    report.files += 1
    kept = b""
    found = set()
    with suppress(FileNotFoundError), open(path, "rb") as file:
        while piece := file.read(PIECE):
            report.bytes += len(piece)
            found |= sought.within(kept + piece)
            kept = piece[-OVERLAP:]
    report.add(str(path), found)
    with suppress(OSError, zipfile.BadZipFile, EOFError, zlib.error, sqlite3.Error):
        _unpacked(path, sought, report)


def _unpacked(path, sought, report):
    """What a file holds in packed form: members of an archive, a gzip stream, rows of a SQLite file."""
    with open(path, "rb") as file:
        start = file.read(16)
    if start.startswith(b"PK"):
        with zipfile.ZipFile(path) as held:
            _archive(held, str(path), sought, report)
    elif start.startswith(b"\x1f\x8b"):
        with gzip.open(path) as file:
            report.add(f"{path}（解压后）", sought.within(file.read()))
    elif start.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                _rows(f"{path.name}:{table}", db.execute(f'SELECT * FROM "{table}"'), sought, report)  # noqa: S608 - names of ours


def _archive(held, place, sought, report):
    for name in held.namelist():
        data = held.read(name)
        report.add(f"{place}/{name}", sought.within(name.encode()) | sought.within(data))
        if data.startswith(b"PK"):
            with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as inner:
                _archive(inner, f"{place}/{name}", sought, report)


def _rows(place, rows, sought, report):
    held, size, found = [], 0, set()
    for row in rows:
        report.rows += 1
        for value in row:
            if isinstance(value, bytes | memoryview):
                data = bytes(value)
                if data.startswith(ZLIB):
                    with suppress(zlib.error):
                        data = zlib.decompress(data)
            elif isinstance(value, str) and len(value) >= SHORTEST:
                data = value.encode("utf-8", "surrogatepass")
            else:
                continue
            held.append(data)
            size += len(data)
        if size > PIECE:  # many values at once: looking costs more a time than a byte
            found |= sought.within(b"\n".join(held))
            held, size = [], 0
    found |= sought.within(b"\n".join(held))
    report.add(place, found)


def _database(sought, report):
    """Every text and every piece of bytes in every table, as the database gives them to whoever has its files."""
    if connection.vendor == "sqlite":
        return  # its file lies in the data folder, or was named; it is looked through as a file, and row by row
    quote = connection.ops.quote_name
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
                " AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea')",
                [table],
            )
            names = [quote(name) for (name,) in cursor.fetchall()]
        if not names:
            continue
        columns = ", ".join(names)
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {quote(table)}")  # noqa: S608 - names of the database
            while rows := cursor.fetchmany(2000):
                _rows(table, (tuple(map(_plain, row)) for row in rows), sought, report)


def _plain(value):
    return value if isinstance(value, str | bytes | memoryview) or value is None else str(value)
