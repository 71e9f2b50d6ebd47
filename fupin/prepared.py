"""Queries that never change but for their values: made once, run often.

To put a query together by the ORM costs several times what running it costs. So a constant one is written as a function
of its values, and called as that function:

    @prepared
    def posts_on(user, day):
        return Post.objects.on(day).filter(user=user).select_related("region").order_by("pk")

    posts_on(17, date(2026, 11, 26))  # a list of posts: what the queryset gives

The body is run once a process and database, with marks in the place of the values; the SQL is kept and gets the values
when it is run. Rows come out of Django's own iterables: instances, related rows, converters and encrypted columns are
what they always are, and a scoped table asks for its scope each time. A mark may be compared with a column of the
value's own type, one that is named in `several` by `__in`; the body must not look at the value itself (an `if`, the
year of a date).
"""

from copy import copy
from datetime import date, datetime
from functools import update_wrapper
from inspect import signature

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression

KINDS = (int, str, date)
"""Values that are written in one way whatever their column (bool and datetime are among them). For others, None among
them, the queryset is made anew."""
PLACE, PLACES = "(\1)", "(\2)"
"""In the SQL that is made: where a value goes, and where those of a collection go. In brackets already, or Django
would write some around them."""
ANY = " = ANY(%s)"
"""What PostgreSQL makes of `IN (...)` itself: with one array the statement is the same however many values there are, and
the driver need not take it apart at five hundred places each time."""


class prepared:  # noqa: N801 - used as a decorator
    """The function `make` of marks that gives a queryset, called with values."""

    def __init__(self, make, several=()):
        self.plain, self._kept = make, {}
        self._marks = [Mark(name, name in several) for name in signature(make).parameters]
        update_wrapper(self, make)

    def __call__(self, *values):
        """The rows for these values, given in the function's order: a list."""
        bound = dict(zip(self._marks, values, strict=True))
        if not all(map(_fits, bound, values)):
            return list(self.plain(*values))
        connection = connections[DEFAULT_DB_ALIAS]
        return list(self._for(connection).rows(bound, connection))

    def first(self, *values):
        """The first row, or None. Where there are many the query itself should take no more, by `[:1]`."""
        found = self(*values)
        return found[0] if found else None

    def statement(self, *values):
        """`(SQL, parameters)` that it is run with."""
        connection = connections[DEFAULT_DB_ALIAS]
        return self._for(connection).statement(dict(zip(self._marks, values, strict=True)), connection.ops)

    def _for(self, connection):
        kept = self._kept.get(connection.vendor)
        if kept is None:
            kept = self._kept[connection.vendor] = _Kept(self.plain(*self._marks), connection)
        return kept


def several(*names):
    """`@several("ids")`: a prepared query of which these values are collections."""
    return lambda make: prepared(make, names)


class Mark(Expression):
    """Stands for a value that is given when the query is run."""

    def __init__(self, name, several):
        super().__init__()
        self.name, self.several = name, several

    def as_sql(self, compiler, connection):
        return PLACES if self.several else PLACE, [self]

    def __str__(self):
        raise TypeError(f"the value of “{self.name}” is not known while the query is made")

    def __eq__(self, other):
        return isinstance(other, Mark) and other.name == self.name

    def __hash__(self):
        return hash(self.name)


def _fits(mark, value):
    if mark.several:
        return bool(value) and all(isinstance(one, KINDS) for one in value)
    return isinstance(value, KINDS)


class _Kept:
    """A queryset over marks with its SQL. `rows(values, connection)` gives the queryset over values."""

    def __init__(self, template, connection):
        self.template = template
        self.compiler = template.query.get_compiler(connection=connection)
        sql, self.params = self.compiler.as_sql()
        self.arrays = connection.vendor == "postgresql"
        self.sql = sql.replace(PLACE, "%s")
        if self.arrays:
            self.sql = self.sql.replace(f" IN {PLACES}", ANY)

    def rows(self, bound, connection):
        old = self.template
        rows = old.__class__(old.model, _Query(self, bound, connection), connection.alias, old._hints)
        rows._iterable_class, rows._fields = old._iterable_class, old._fields
        rows._prefetch_related_lookups = old._prefetch_related_lookups
        if hasattr(old, "_scope"):
            rows._scope = old._scope
        return rows

    def statement(self, bound, ops):
        params, marks = [], []

        def write(value):
            if isinstance(value, datetime):
                return ops.adapt_datetimefield_value(value)
            return ops.adapt_datefield_value(value) if isinstance(value, date) else value

        for param in self.params:
            if param.__class__ is not Mark:
                params.append(param)
            elif param.several:
                values = list(map(write, bound[param]))
                if self.arrays:
                    params.append(values)
                    continue
                marks.append(f"({', '.join(['%s'] * len(values))})")
                params.extend(values)
            else:
                params.append(write(bound[param]))
        if not marks:
            return self.sql, params
        head, *tails = self.sql.split(PLACES)
        return head + "".join(mark + tail for mark, tail in zip(marks, tails, strict=True)), params


class _Query:
    """What a queryset is read by, in the place of Django's own: everything of that, but its SQL is there."""

    def __init__(self, kept, bound, connection):
        self._kept, self._bound, self._connection = kept, bound, connection

    def __getattr__(self, name):
        return getattr(self._kept.template.query, name)

    def get_compiler(self, using=None, connection=None, elide_empty=True):
        compiler, kept = copy(self._kept.compiler), self._kept
        compiler.connection = self._connection
        compiler.as_sql = lambda: kept.statement(self._bound, self._connection.ops)
        return compiler
