"""What an import would change, value by value, in the words that people read; personal values masked."""

from datetime import date
from decimal import Decimal

from fupin.accounts.pii import masked
from fupin.excel.changes import Value


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


class Notes:
    """Collects `Value`s by household number. One for a run; nothing is collected when nobody asks."""

    def __init__(self):
        self.by_house = {}
        self._wording = {}

    def add(self, house, row, model, columns, old, new):
        """Note the columns in which the rows `old` and `new` differ. `old` None: nothing was stored."""
        words = self._wording.get(model)
        if words is None:
            words = self._wording[model] = Wording(model)
        found = self.by_house.setdefault(house.number, [])
        before = old if old is not None else (None,) * len(columns)
        for column, was, now in zip(columns, before, new):
            if was == now or (was is None and now == ""):
                continue
            found.append(Value(row, words.label(column), words.word(column, was), words.word(column, now)))

    def say(self, house, row, label, old, new):
        """Note a difference that is not one of columns."""
        self.by_house.setdefault(house.number, []).append(Value(row, label, old, new))
