"""Conditions (Q of plain comparisons) judged in Python, on anything that has the named attributes: what the database says
of rows, said of rows that are in no table, as they stood on a past day."""

from operator import attrgetter

from django.db.models import Q

LOOKUPS = {
    "exact": lambda read, value: lambda row: read(row) == value,
    "in": lambda read, value: lambda row: read(row) in value,
    "isnull": lambda read, value: lambda row: (read(row) is None) == value,
    "lt": lambda read, value: lambda row: (held := read(row)) is not None and held < value,
    "lte": lambda read, value: lambda row: (held := read(row)) is not None and held <= value,
    "gt": lambda read, value: lambda row: (held := read(row)) is not None and held > value,
    "gte": lambda read, value: lambda row: (held := read(row)) is not None and held >= value,
}
"""`{lookup: (function that reads the attribute, value) -> function of a row}`: asked a hundred times a household, so with as
few calls as can be."""


def compiled(condition):
    """The condition as a function of a row, made once and asked often."""
    if isinstance(condition, tuple):
        return _compared(*condition)
    parts = [compiled(child) for child in condition.children]
    found = parts[0] if len(parts) == 1 else _either(parts) if condition.connector == Q.OR else _all(parts)
    return (lambda row: not found(row)) if condition.negated else found


def _compared(column, value):
    name, _, lookup = column.rpartition("__")
    if lookup not in LOOKUPS or not name:
        name, lookup = column, "exact"
    value = frozenset(value) if lookup == "in" else value
    return LOOKUPS[lookup](attrgetter(name), value)


def _either(parts):
    if len(parts) == 2:
        first, second = parts
        return lambda row: first(row) or second(row)

    def holds(row):
        for part in parts:  # noqa: SIM110 - a generator for each row costs as much as the asking
            if part(row):
                return True
        return False

    return holds


def _all(parts):
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda row: first(row) and second(row)

    def holds(row):
        for part in parts:  # noqa: SIM110
            if not part(row):
                return False
        return True

    return holds


class Sorter:
    """Many conditions judged at once: which of `named` (`[(key, condition)]`) a row meets.

    Conditions that want one value of a column are looked up by what the row has there, so that of fifteen causes one is
    asked and not fifteen. What every row is known to meet (`known`) is not asked again.
    """

    def __init__(self, named, known=None):
        self.by_value, self.rest = {}, []
        for key, condition in named:
            parts = [part for part in _conjuncts(condition) if part != known]
            wanted = next(filter(_is_plain, parts), None)
            others = [part for part in parts if part is not wanted]
            rest = _all([compiled(part) for part in others]) if others else None
            if wanted is None:
                self.rest.append((key, rest))
            else:
                column, value = wanted
                self.by_value.setdefault(column, {}).setdefault(value, []).append((key, rest))
        self.readers = [(attrgetter(column), held) for column, held in self.by_value.items()]

    def keys(self, row):
        """The keys of the conditions that the row meets, in no order of their own."""
        found = [key for key, holds in self.rest if holds is None or holds(row)]
        for read, held in self.readers:
            for key, holds in held.get(read(row), ()):
                if holds is None or holds(row):
                    found.append(key)
        return found


def _conjuncts(condition):
    """The parts that all have to hold."""
    if isinstance(condition, tuple) or condition.negated or condition.connector != Q.AND:
        return [condition]
    return [part for child in condition.children for part in _conjuncts(child)]


def _is_plain(part):
    """Whether it is `(column, value)` without a lookup."""
    if not isinstance(part, tuple):
        return False
    _, _, lookup = part[0].rpartition("__")
    return lookup not in LOOKUPS and isinstance(part[1], str | int)
