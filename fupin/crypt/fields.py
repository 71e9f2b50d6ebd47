"""Columns of models that are encrypted, and the marks by which their values are found.

    phone = Encrypted("联系电话", max_length=20, blank=True, blind="phone_mark")
    phone_mark = Mark("phone")

Reading gives the value, whichever way it is read (instances, `values_list`, through a relation): the SELECT asks for
the row's key beside the token, because a token opens only together with it. Writing needs the key as well: models
inherit `rows.SealedModel`, their querysets `rows.SealedQuerySet`, bulk work goes through `fupin.bulk`. A plain value
that reaches the column any other way is refused. `filter(phone=...)` and `phone__in` compare marks; nothing else can
be asked of an encrypted column, and so neither LIKE nor sorting.
"""

import json
from functools import cached_property

from django import forms
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In, IsNull

from fupin.crypt.sealing import (
    MARK_BYTES,
    SHORT_BYTES,
    Sealed,
    marks_for,
    marks_of,
    marks_of_many,
    marks_with_values,
    opener,
    seal_text,
)

MARK_WIDTH = 26
"""Characters of a mark: the key's version (five digits at most), a point, and 20 of base64."""
_PLAIN = models.TextField()


class Unbound(ValueError):
    """A plain value on its way into an encrypted column: whoever writes does not say for which row."""


class _Indexed:
    """A comparison with marks that says in so many words that a blank one is not meant: the indexes of marks leave
    blanks out, and neither database infers that from many values bound to the statement."""

    def as_sql(self, compiler, connection):
        sql, params = super().as_sql(compiler, connection)
        column, _ = compiler.compile(self.lhs)
        return f"({sql} AND NOT ({column} = ''))", params


class MarkedExact(_Indexed, Exact):
    """One mark."""


class MarkedIn(_Indexed, In):
    """Any of several marks."""


class Encrypted(models.CharField):
    """Text that is encrypted in the database. `blind` names the Mark by which it is found; without one it is not.

    `max_length` is that of the value; the column is text.
    """

    telling = True
    """Whether a value of this column, found in the clear, tells that something leaked."""

    def __init__(self, *args, blind=None, **options):
        self.blind = blind
        super().__init__(*args, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        if self.blind:
            options["blind"] = self.blind
        return name, path, args, options

    def db_type(self, connection):
        return "text"

    def cast_db_type(self, connection):
        return "text"

    @cached_property
    def purpose(self):
        """What the value is authenticated with besides its row: `households.member.phone`."""
        return f"{self.model._meta.label_lower}.{self.name}"

    # Reading

    def select_format(self, compiler, sql, params):
        quote = compiler.connection.ops.quote_name
        table, _, column = sql.rpartition(".")
        if not table or column != quote(self.column) or "(" in table:
            return sql, params  # already formed by an inner query
        return f"({table}.{quote(self.model._meta.pk.column)} || ':' || {sql})", params

    def from_db_value(self, value, expression, connection):
        if value is None:
            return None
        row, _, token = value.partition(":")
        return opener(self.purpose)(token, row) if token else ""

    # Writing

    def pre_save(self, instance, add):
        value = getattr(instance, self.attname)
        if not value or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        if instance.pk is None:
            raise Unbound(f"{self.purpose}: 行还没有主键")
        return seal_text(self.as_text(value), self.purpose, instance.pk)

    def as_text(self, value):
        """The text that is encrypted for `value`; "" for blank."""
        return self.to_python(value) or ""

    def get_db_prep_save(self, value, connection):
        if hasattr(value, "as_sql"):
            return value
        if not value:
            return None if value is None else ""
        if not isinstance(value, Sealed):
            raise Unbound(f"{self.purpose}: 明文不能写入加密列")
        return str(value)

    # Looking up

    def get_lookup(self, name):
        if name == "isnull":
            return IsNull
        if name == "exact":
            return self._exact
        if name == "in":
            return self._in
        raise FieldError(f"{self.name} 是加密的，只能按整个值查找，不能用 {name}。")

    def get_transform(self, name):
        raise FieldError(f"{self.name} 是加密的，不能用 {name}。")

    def _marked(self, column):
        if not self.blind or not isinstance(column, Col):
            raise FieldError(f"{self.name} 是加密的，没有检索列。")
        mark = self.model._meta.get_field(self.blind)
        return mark, Col(column.alias, mark)

    def _exact(self, column, value):
        if value is None:
            return IsNull(column, True)
        if value == "":
            if not isinstance(column, Col):  # a constraint that is checked on values, before they are written
                return Exact(column, "")
            if self.blind:
                return Exact(self._marked(column)[1], "")
            return Exact(Col(column.alias, self, _PLAIN), "")
        if hasattr(value, "resolve_expression"):
            raise FieldError(f"{self.name} 是加密的，不能与另一列比较。")
        mark, marked = self._marked(column)
        found = marks_of(str(value), mark.purpose, mark.size)
        return MarkedExact(marked, found[0]) if len(found) == 1 else MarkedIn(marked, found)

    def _in(self, column, values):
        if hasattr(values, "resolve_expression"):
            raise FieldError(f"{self.name} 是加密的，不能与子查询比较。")
        mark, marked = self._marked(column)
        words = [str(value) for value in values]
        found = marks_of_many(words, mark.purpose, mark.size)
        return MarkedIn(marked, found) if all(words) else In(marked, found)


class EncryptedNote(Encrypted):
    """What people write in words of their own. The same words may stand elsewhere by chance, so `scan` does not look
    for them, only for the numbers of the other columns."""

    telling = False


class EncryptedText(EncryptedNote):
    """A long one: a form shows an area for it."""

    def __init__(self, *args, **options):
        super().__init__(*args, **({"max_length": 1_000_000} | options))

    def formfield(self, **options):
        return super().formfield(**({"widget": forms.Textarea, "max_length": None} | options))


class EncryptedJSON(EncryptedNote):
    """A dict or list, encrypted. A blank one reads as its default, [] where that is None."""

    def __init__(self, *args, **options):
        super().__init__(*args, **({"max_length": 10_000_000, "blank": True, "default": dict} | options))

    def from_db_value(self, value, expression, connection):
        text = super().from_db_value(value, expression, connection)
        if text is None:
            return None
        if text:
            return json.loads(text)
        blank = self.get_default()
        return [] if blank is None else blank

    def as_text(self, value):
        return json.dumps(value, ensure_ascii=False) if value else ""

    def get_prep_value(self, value):
        return value


class Mark(models.CharField):
    """The keyed digest of the encrypted column `source`: equal values have equal marks, and a mark tells nothing
    without the key. Worked out whenever the source is written."""

    size = MARK_BYTES

    def __init__(self, source, **options):
        self.source = source
        options = {"max_length": MARK_WIDTH, "blank": True, "default": "", "editable": False} | options
        super().__init__(options.pop("verbose_name", "检索摘要"), **options)

    def deconstruct(self):
        name, path, _, options = super().deconstruct()
        return name, path, [self.source], options

    @cached_property
    def purpose(self):
        return self.model._meta.get_field(self.source).purpose

    @property
    def needs(self):
        """The columns that the mark is worked out from."""
        return (self.source,)

    def marker(self):
        """A function from the values of `needs` to the mark."""
        return marks_for(self.purpose, self.size)

    def with_values(self, values):
        """`[(mark, value)]` to look for `values` by."""
        return marks_with_values(values, self.purpose, self.size)

    def pre_save(self, instance, add):
        value = self.marker()(*(getattr(instance, name) or "" for name in self.needs))
        setattr(instance, self.attname, value)
        return value


class TailMark(Mark):
    """The keyed digest of the last four characters of `source`, within a place: the first digits of `scope`.

    Ten thousand endings stand out by how often they occur. Within a county each occurs a few times, about as often as
    any other; across counties equal endings have different marks.
    """

    size = SHORT_BYTES
    tail = 4

    def __init__(self, source, scope="region_path", digits=6, **options):
        self.scope, self.digits = scope, digits
        super().__init__(source, **({"verbose_name": "末四位检索摘要"} | options))

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        return name, path, [*args, self.scope, self.digits], options

    @cached_property
    def purpose(self):
        return f"{self.model._meta.get_field(self.source).purpose}.tail"

    @property
    def needs(self):
        return (self.source, self.scope)

    def marker(self):
        mark, tail, digits = marks_for(self.purpose, self.size), self.tail, self.digits
        return lambda value, place: mark(f"{place[:digits]}|{value[-tail:]}") if value else ""

    def marks_in(self, text, places):
        """All marks of the ending `text` in `places` (their first digits)."""
        return marks_of_many([f"{place}|{text}" for place in sorted(places)], self.purpose, self.size)
