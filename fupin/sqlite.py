"""Which SQLite runs underneath, and what it may be trusted with.

SQLite 3.7.0 to 3.51.2 can lose or corrupt commits in WAL mode when two connections write and checkpoint at
the same time, which is exactly the shape of a multi-process web server (fixed in 3.51.3, back-ported to
3.50.7 and 3.44.6). So WAL is used only on a fixed library: the `pysqlite3` wheel bundles one and is swapped
in before Django loads; where no fixed library can be had, the slower rollback journal is used instead.
"""

import os
import sqlite3
import sys

FIXED = (3, 51, 3)
BACKPORTS = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}

PRAGMAS = {
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),
    "secure_delete": ("ON", 1),
    "temp_store": ("MEMORY", 2),
    "cache_size": ("-65536", -65536),
}
"""What every connection asks for besides the journal: the word asked, the value that must come back.

synchronous FULL: an acknowledged commit survives a power cut. secure_delete: deleted personal data is
overwritten. temp_store: sorted personal data never lands in a temporary file. cache_size: 64 MiB.
"""


def wal_is_safe(version):
    """Whether `version`, a (major, minor, patch) tuple, has the WAL-reset fix."""
    return version >= FIXED or version >= BACKPORTS.get(version[:2], FIXED)


def choose_library():
    """Swap in the bundled SQLite when the system's is affected. Returns the version in use.

    `FUPIN_SQLITE_LIBRARY=system` keeps the system's.
    """
    if os.environ.get("FUPIN_SQLITE_LIBRARY") != "system" and not wal_is_safe(sqlite3.sqlite_version_info):
        try:
            import pysqlite3
        except ImportError:
            return sqlite3.sqlite_version_info
        if pysqlite3.sqlite_version_info > sqlite3.sqlite_version_info:
            sys.modules["sqlite3"] = pysqlite3
            sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
            return pysqlite3.sqlite_version_info
    return sqlite3.sqlite_version_info


def journal_for(version, asked=""):
    """The journal mode to use: what the site asked for (`FUPIN_SQLITE_JOURNAL`), else WAL where it is safe.

    Asking for WAL on an affected library is refused by the system check `fupin.E001`, not here.
    """
    return asked.upper() or ("WAL" if wal_is_safe(version) else "DELETE")


def init_command(journal):
    """The pragmas of every connection."""
    return f"PRAGMA journal_mode={journal};" + "".join(
        f" PRAGMA {name}={asked};" for name, (asked, _) in PRAGMAS.items()
    )


def wrong_pragmas(connection, journal):
    """Lines "pragma: found, wanted" of what a Django connection did not get.

    SQLite ignores what it cannot do (WAL on a network drive) without an error, so one has to look.
    """
    wanted = {name: value for name, (_, value) in PRAGMAS.items()} | {"journal_mode": journal.lower()}
    found = {}
    with connection.cursor() as cursor:
        for name in wanted:
            found[name] = cursor.execute(f"PRAGMA {name}").fetchone()[0]
    if found["journal_mode"] == "memory":  # a test's database in memory has no journal to speak of
        wanted["journal_mode"] = "memory"
    return [
        f"{name}: {found[name]}, wanted {value}" for name, value in wanted.items() if found[name] != value
    ]
