"""Which SQLite runs underneath, and what it may be trusted with.

SQLite 3.7.0 to 3.51.2 can lose or corrupt commits in WAL mode when two connections write and checkpoint at
the same time, which is exactly the shape of a multi-process web server (fixed in 3.51.3, back-ported to
3.50.7 and 3.44.6). So WAL is used only on a fixed library: the `pysqlite3` wheel bundles one and is swapped
in before Django loads; where no fixed library can be had, the slower rollback journal is used instead.
"""

import sqlite3
import sys

FIXED = (3, 51, 3)
BACKPORTS = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


def wal_is_safe(version):
    """Whether `version`, a (major, minor, patch) tuple, has the WAL-reset fix."""
    return version >= FIXED or version >= BACKPORTS.get(version[:2], FIXED)


def choose_library():
    """Swap in the bundled SQLite when the system's is affected. Returns the version in use."""
    if not wal_is_safe(sqlite3.sqlite_version_info):
        try:
            import pysqlite3
        except ImportError:
            return sqlite3.sqlite_version_info
        if pysqlite3.sqlite_version_info > sqlite3.sqlite_version_info:
            sys.modules["sqlite3"] = pysqlite3
            sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
            return pysqlite3.sqlite_version_info
    return sqlite3.sqlite_version_info


def init_command(version):
    """The pragmas of every connection. WAL only where it is safe."""
    journal = "WAL" if wal_is_safe(version) else "DELETE"
    return (
        f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA recursive_triggers=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
        " PRAGMA cache_size=-65536;"
    )
