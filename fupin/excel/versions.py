"""The row version of exported sheets: from which state of a record a line was made.

Written as `户编号#版本`, so that a column that slipped against its rows is noticed.
"""

HEADER = "数据版本"


def written(number, version):
    """The cell of a record: "H1#7"."""
    return f"{number}#{version}"


def read(text, number):
    """The version in a cell, or None when it is none of this record."""
    owner, mark, version = text.rpartition("#")
    return int(version) if mark and owner == number and version.isdecimal() else None
