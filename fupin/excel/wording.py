"""What would change, value by value, in the words that people read; personal values masked."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from fupin.accounts.pii import masked
from fupin.excel.changes import Value


@lru_cache(maxsize=64)
def wording(model):
    """The Wording of a model."""
    return Wording(model)


def differences(model, row, columns, old, new):
    """`Value`s of the columns in which `old` and `new` differ, said by the row `row` of a file. `old` None: nothing was
    stored. A blank is none: text that was never there and text that is empty are the same."""
    words = wording(model)
    before = old if old is not None else (None,) * len(columns)
    return [
        Value(row, words.label(column), words.word(column, was), words.word(column, now))
        for column, was, now in zip(columns, before, new)
        if was != now and not (was in (None, "") and now in (None, ""))
    ]


class Wording:
    """Labels and values of the columns of one model. `label(column)`, `word(column, value)`."""

    def __init__(self, model):
        self.fields = {field.name: field for field in model._meta.concrete_fields}
        self.choices = {name: dict(field.flatchoices) for name, field in self.fields.items()}
        self.personal = getattr(model, "PII", {})

    def label(self, column):
        return str(self.fields[column].verbose_name)

    def word(self, column, value):
        """A value as text: its label where the column has codes, masked where it is personal."""
        text = self._word(column, value)
        return masked(self.personal[column], text) if column in self.personal else text

    def _word(self, column, value):
        if value is None or value == "":
            return ""
        if value is True or value is False:
            return "是" if value else "否"
        if isinstance(value, Decimal):
            return f"{value:,f}"
        if isinstance(value, date):
            return value.isoformat()
        choices = self.choices[column]
        return (
            "、".join(str(choices.get(part, part)) for part in str(value).split(","))
            if choices
            else str(value)
        )
