"""The second step of an import for a form: what its labels are taken for, over one of them; said by the user, kept for the unit."""

from django.core.exceptions import ValidationError

from fupin.excel import relabel
from fupin.excel.cleaning import text
from fupin.excel.form_words import LONGEST_LABEL, label_key
from fupin.excel.imports import sample_of

SAMPLES = 2
"""People of a form whose values are shown beside a title of the member table."""


class FormLabels:
    """What the page shows of one sheet of a file of forms. Names of the form: `look` the sheet, `k-i` a label's key and
    `l-i` the field that it means."""

    def __init__(self, spec, book, kept, said, posted):
        self.spec, self.spoken = spec, spec.spoken
        self.sheets = [(n, sheet.name) for n, sheet in enumerate(book.sheets) if sheet.state == "visible" and sheet.rows]  # fmt: skip
        look = said.get("look", "")
        shown = [n for n, _ in self.sheets]
        self.look = int(look) if look.isdecimal() and int(look) in shown else (shown or [0])[0]
        self.sheet = book.sheets[self.look]
        self.fields = {item.name: item for item in self.spoken.fields}
        self.labels = {key: name for key, name in kept.items() if not name or name in self.fields}
        own = {one.key: one.auto for one in relabel.labels_on(self.sheet, self.spoken)}
        if posted:
            for key, name in self._posted(said).items():
                if own.get(key, self.spoken.meaning(key) or "") == name:
                    self.labels.pop(key, None)
                else:
                    self.labels[key] = name
        self.table = self._table()

    def _posted(self, said):
        """`{label key: field or ""}` of the request."""
        found = {}
        for i in range(relabel.MOST):
            key, name = label_key(said.get(f"k-{i}", "")), said.get(f"l-{i}", "")
            if key and len(key) <= LONGEST_LABEL and (not name or name in self.fields):
                found[key] = name
        return found

    def _table(self):
        """How the sheet is read with what was said, None where it is no form yet."""
        read = relabel.with_labels(self.sheet, self.labels, self.spoken) if self.labels else self.sheet
        return next(iter(self.spec.forms(read, self.spec.kind, read.file)), None)

    @property
    def rows(self):
        """The labels, with the field that each means, its value as read now, and whether that is by itself or by hand."""
        found = []
        for i, one in enumerate(relabel.labels_on(self.sheet, self.spoken, self.table)):
            name = self.labels.get(one.key, one.auto)
            name = name if name in self.fields else ""
            values = [value for value in one.below if value != ""][:SAMPLES] or [one.value]
            found.append({
                "i": i, "key": one.key, "label": one.said, "place": one.place, "name": name,
                "value": "、".join(filter(None, (_shown(value, self.fields.get(name)) for value in values))),
                "state": "none" if not name else "auto" if one.key not in self.labels else "hand",
            })  # fmt: skip
        return found

    def said(self):
        """The labels to keep. Raises ValidationError in words that say what is missing or said twice."""
        problems, taken = [], {}
        for row in self.rows:
            if row["name"]:
                taken.setdefault(row["name"], []).append(row)
        for name, rows in taken.items():
            if len(rows) > 1 and any(row["state"] == "hand" for row in rows):
                words = "、".join(f"{row['place']}“{row['label']}”" for row in rows)
                problems.append(
                    f"{words} 都对应到“{self.fields[name].label}”，只能留一个，其余改为“不导入”。"
                )
        if self.table is None:
            problems.append(self.spoken.lacking)
        if problems:
            raise ValidationError(problems)
        return self.labels


def _shown(value, item):
    """Cells beside labels are taken for less than they are: any long number is masked, but where the field says how."""
    return sample_of(text(value), item if item is not None and item.pii is not None else None)
