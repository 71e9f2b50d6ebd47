"""Conditions (Q of plain comparisons) judged in Python, on anything that has the named attributes: what the database says
of rows, said of rows that are in no table, as they stood on a past day."""

from django.db.models import Q

LOOKUPS = {
    "exact": lambda held, value: held == value,
    "in": lambda held, value: held in value,
    "isnull": lambda held, value: (held is None) == value,
    "lt": lambda held, value: held is not None and held < value,
    "lte": lambda held, value: held is not None and held <= value,
    "gt": lambda held, value: held is not None and held > value,
    "gte": lambda held, value: held is not None and held >= value,
}


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
    test = LOOKUPS[lookup]
    value = frozenset(value) if lookup == "in" else value
    return lambda row: test(getattr(row, name), value)


def _either(parts):
    return lambda row: any(part(row) for part in parts)


def _all(parts):
    return lambda row: all(part(row) for part in parts)
