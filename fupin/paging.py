"""Keyset paging: the next page starts after the last row shown, so page 12,000 costs what page 1 costs, and
rows that come or go meanwhile neither repeat nor vanish.

A cursor is the sort key of a row as text ("20261231~51332710021201~17"): it stands in the URL and holds what
the list shows anyway. NULL sorts after every value, or before every value where `nulls_first`.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import F, Q

SEPARATOR = "~"


@dataclass(frozen=True)
class Key:
    """One column of a sort key. The last key of an order must be unique and never NULL.

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

    def ordering(self, model, backwards):
        descending = self.descending != backwards
        if not model._meta.get_field(self.field).null:  # a NULLS clause would keep the index from being used
            return f"-{self.column}" if descending else self.column
        first = {"nulls_first": True} if self.nulls_first != backwards else {"nulls_last": True}
        column = F(self.column)
        return column.desc(**first) if descending else column.asc(**first)

    def beyond(self, value, backwards, nullable):
        """A condition: rows that sort after `value` (before it when `backwards`) in this column alone."""
        nulls_ahead = self.nulls_first != backwards  # NULL stands at the start of the direction we walk in
        if value is None:
            return Q(**{f"{self.column}__isnull": False}) if nulls_ahead else None
        step = "lt" if self.descending != backwards else "gt"
        condition = Q(**{f"{self.column}__{step}": value})
        if nullable and not nulls_ahead:
            condition |= Q(**{f"{self.column}__isnull": True})
        return condition


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


def _after(model, keys, values, backwards):
    """Rows whose key is beyond `values`: (a > x) or (a = x and (b > y or ...))."""
    found = None
    for key, value in reversed(list(zip(keys, values))):
        nullable = model._meta.get_field(key.field).null
        beyond = key.beyond(value, backwards, nullable)
        if found is not None:
            same = Q(**{f"{key.column}__isnull": True}) if value is None else Q(**{key.column: value})
            beyond = same & found if beyond is None else beyond | same & found
        found = beyond
    first = keys[0]
    if values[0] is not None and not model._meta.get_field(first.field).null:
        # Says the same once more in a form that both databases turn into the start of an index range.
        step = "lte" if first.descending != backwards else "gte"
        found = Q(**{f"{first.column}__{step}": values[0]}) & found
    return found


def page(queryset, keys, *, key_of, size, after="", before="", last=False):
    """One page of `queryset` in the order `keys`.

    `key_of(row)` gives the values of the keys in a row (instances or tuples alike). `after` and `before` are
    cursors; `last` asks for the last page. A cursor that nobody issued gives the first page.
    """
    backwards = bool(before) or last
    rows = queryset.order_by(*(key.ordering(queryset.model, backwards) for key in keys))
    cursor = before or after
    if cursor and not last:
        try:
            rows = rows.filter(_after(queryset.model, keys, _read(queryset.model, keys, cursor), backwards))
        except (ValidationError, ValueError, TypeError):
            return page(queryset, keys, key_of=key_of, size=size)
    found = list(rows[: size + 1])
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


def neighbours(queryset, keys, values):
    """Primary keys of the rows right before and right after the row with the key `values`; None at an end."""
    found = []
    for backwards in (True, False):
        beyond = queryset.filter(_after(queryset.model, keys, values, backwards))
        order = (key.ordering(queryset.model, backwards) for key in keys)
        found.append(beyond.order_by(*order).values_list("pk", flat=True).first())
    return tuple(found)
