"""Keyset paging: the next page starts after the last row shown, so page 12,000 costs what page 1 costs, and
rows that come or go meanwhile neither repeat nor vanish.

A cursor is the sort key of a row as text ("20261231~51332710021201~17"): it stands in the URL and holds what
the list shows anyway. NULL sorts after every value, or before every value where `nulls_first`.
"""

from contextlib import suppress
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import F, Q

SEPARATOR = "~"


@dataclass(frozen=True)
class Key:
    """One column of a sort key. The first may be NULL, the last must be unique.

    `field` is a field of the model; `at` is the annotation that holds its value where the query has a cheaper
    copy of it (the same value in a joined table, say).
    """

    field: str
    descending: bool = False
    nulls_first: bool = False
    at: str = ""

    @property
    def column(self):
        return self.at or self.field

    def ordering(self, backwards):
        return f"-{self.column}" if self.descending != backwards else self.column

    def beyond(self, value, backwards):
        """A condition: rows that sort after `value` (before it when `backwards`) in this column alone."""
        step = "lt" if self.descending != backwards else "gt"
        return Q(**{f"{self.column}__{step}": value})


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the cursors of its neighbours ("" where there is none)."""

    rows: list
    previous: str = ""
    next: str = ""


def cursor_of(values):
    return SEPARATOR.join("" if value is None else str(value) for value in values)


def _read(model, keys, cursor):
    parts = cursor.split(SEPARATOR)
    if len(parts) != len(keys):
        raise ValidationError("页码无效。")
    return [
        None if part == "" else model._meta.get_field(key.field).to_python(part)
        for key, part in zip(keys, parts)
    ]


def _after(keys, values, backwards):
    """Rows whose key is beyond `values`: (a > x) or (a = x and (b > y or ...))."""
    found = None
    for key, value in reversed(list(zip(keys, values))):
        beyond = key.beyond(value, backwards)
        found = beyond if found is None else beyond | Q(**{key.column: value}) & found
    # Says the same once more in a form that both databases turn into the start of an index range.
    step = "lte" if keys[0].descending != backwards else "gte"
    return Q(**{f"{keys[0].column}__{step}": values[0]}) & found


def _by_place(queryset):
    """Rows of a place (`RegionScopedQuerySet.by_place`) as an index finds them by it; others as they are."""
    return queryset.by_place() if hasattr(queryset, "by_place") else queryset


def _parts(queryset, keys, values, backwards):
    """The rows beyond `values` (all of them where it is None) in the order of `keys`, as querysets to be read one after
    the other: those without a first key stand apart, so that each part is a stretch of an index, which NULLS LAST
    is not."""

    def part(rows, keys, values):
        rows = rows.order_by(*(key.ordering(backwards) for key in keys))
        return rows.filter(_after(keys, values, backwards)) if values else rows

    first, *rest = keys
    if not queryset.model._meta.get_field(first.field).null:
        return [part(queryset, keys, values)]
    unset = f"{first.column}__isnull"
    at_null = bool(values) and values[0] is None
    known = part(queryset.filter(**{unset: False}), keys, None if at_null else values)
    unknown = part(_by_place(queryset).filter(**{unset: True}), rest, values[1:] if at_null else None)
    ahead, behind = (unknown, known) if first.nulls_first != backwards else (known, unknown)
    begins_behind = bool(values) and (behind is unknown) == at_null
    return [behind] if begins_behind else [ahead, behind]


def page(queryset, keys, *, key_of, size, after="", before="", last=False):
    """One page of `queryset` in the order `keys`.

    `key_of(row)` gives the values of the keys in a row (instances or tuples alike). `after` and `before` are
    cursors; `last` asks for the last page. A cursor that nobody issued gives the first page.
    """
    backwards = bool(before) or last
    cursor = "" if last else before or after
    parts = None
    if cursor:
        with suppress(ValidationError, ValueError, TypeError):
            parts = _parts(queryset, keys, _read(queryset.model, keys, cursor), backwards)
        if parts is None:
            return page(queryset, keys, key_of=key_of, size=size)
    found = []
    for rows in parts or _parts(queryset, keys, None, backwards):
        found += rows[: size + 1 - len(found)]
        if len(found) > size:
            break
    more = len(found) > size
    if before and not last and not more:  # near the start: a whole first page, not the rest of one
        return page(queryset, keys, key_of=key_of, size=size)
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    return Page(
        found,
        previous=cursor_of(key_of(found[0])) if (more if backwards else bool(cursor)) else "",
        next=cursor_of(key_of(found[-1])) if ((bool(before) and not last) if backwards else more) else "",
    )


def whole_order(model, keys):
    """Expressions for `order_by` of a whole list, which is not read by pages."""
    first, *rest = keys
    head = first.ordering(False)
    if model._meta.get_field(first.field).null:
        where = {"nulls_first": True} if first.nulls_first else {"nulls_last": True}
        head = F(first.column).desc(**where) if first.descending else F(first.column).asc(**where)
    return [head, *(key.ordering(False) for key in rest)]


COUNTED = 10_000


@dataclass(frozen=True)
class Total:
    """How many rows there are, counted up to COUNTED; `exact` when there are no more."""

    number: int
    exact: bool

    def __str__(self):
        return f"{self.number:,}{'' if self.exact else '+'}"


def total_of(queryset, *, in_order=False):
    """`in_order`: counted in the order of the rows, which holds SQLite to the index of that order where it would choose a worse
    one for a number alone."""
    rows = queryset if in_order else _by_place(queryset).order_by()
    number = rows[: COUNTED + 1].count()
    return Total(min(number, COUNTED), number <= COUNTED)


def neighbours(queryset, keys, values):
    """Primary keys of the rows right before and right after the row with the key `values`; None at an end."""

    def nearest(backwards):
        parts = _parts(queryset, keys, list(values), backwards)
        return next((pk for part in parts for pk in part.values_list("pk", flat=True)[:1]), None)

    return nearest(True), nearest(False)
