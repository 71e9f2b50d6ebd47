"""The row version of exported sheets: from which state of a record a line was made.

Written as `户编号#版本`, so that a column that slipped against its rows is noticed. A record that does not count its
changes is told by a stamp of its values: whoever has the same stamp has seen what is stored.
"""

from hashlib import sha256

from fupin.excel.imports import Field

HEADER = "数据版本"


FIELD = Field("row_version", HEADER)
"""The column as the import of a ledger reads it. Nobody fills it by hand, so a template leaves it out."""

DIGITS = 12


def stamp(values):
    """The stamp of a record: the same values in the same order give the same; a blank is a blank, however stored."""
    said = "\x1f".join("" if value is None else str(value) for value in values)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def stamp_in(text, owner):
    """The stamp in a cell, "" when it is none of this owner."""
    said, mark, found = text.rpartition("#")
    return found if mark and said == owner and len(found) == DIGITS else ""


def written(number, version):
    """The cell of a record: "H1#7"."""
    return f"{number}#{version}"


def read(text, number):
    """The version in a cell, or None when it is none of this record."""
    owner, mark, version = text.rpartition("#")
    return int(version) if mark and owner == number and version.isdecimal() else None
