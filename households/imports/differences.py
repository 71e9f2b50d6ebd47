"""What an import of households would change, collected by household."""

from fupin.excel.changes import Value
from fupin.excel.wording import differences


class Notes:
    """Collects `Value`s by household number, for one run."""

    def __init__(self):
        self.by_house = {}

    def add(self, house, row, model, columns, old, new):
        """Note the columns in which the rows `old` and `new` differ. `old` None: nothing was stored."""
        self.by_house.setdefault(house.number, []).extend(differences(model, row, columns, old, new))

    def say(self, house, row, label, old, new):
        """Note a difference that is not one of columns."""
        self.by_house.setdefault(house.number, []).append(Value(row, label, old, new))
