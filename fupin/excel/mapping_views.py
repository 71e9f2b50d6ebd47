"""The second step of an import: which sheet, header and column means what, over a sample of rows; correct it, go on."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from fupin.excel import grid_views, layout, mapping, serials, staging
from fupin.excel.cleaning import text
from fupin.excel.form_mapping import FormLabels
from fupin.excel.forms import FormTable
from fupin.excel.header import holds_data, labels_at
from fupin.excel.import_forms import FIRST_YEAR
from fupin.excel.imports import recognise, sample_of, specs
from fupin.excel.models import ImportBatch, State
from fupin.excel.places import PLACE
from fupin.excel.reader import Refused
from fupin.excel.table import letter_of
from fupin.excel.titles import match, unit_of

LIST, WIDE, FORM = "list", "wide", "form"
LAYOUTS = {
    LIST: "一般清单：一行一条", WIDE: "一户一行，{}分列在右边", FORM: "一张表一户（村），内容写在标签旁边或下面",
}  # fmt: skip
"""How a sheet may be laid out; a kind offers those that it can read."""

SAMPLE = 8
"""Rows of data shown under a header."""

HEADER_ROWS = 12
"""Rows at the top of a sheet that may be its header."""

HIGHEST = 3


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require(P.IMPORT)
def import_columns(request, uid):
    """The columns found. GET may carry another kind or header to try; POST keeps what was said and checks again."""
    batch = grid_views.batch_of(request, uid)
    if request.method == "POST" and not editable(batch):
        return redirect("import_preview", uid=batch.uid)
    problems, said = [], request.POST if request.method == "POST" else request.GET
    try:
        with staging.opened(batch.stored) as staged:
            book, sizes, heads = staged.start(), staged.sizes(), staged.heads
    except staging.Missing:
        book, sizes, heads = None, {}, []
    page = Page(batch, book, sizes, said, heads) if book is not None else None
    if request.method == "POST" and page is not None:
        try:
            return _kept(request, batch, page)
        except ValidationError as error:
            problems = error.messages
    context = {
        "batch": batch, "step": 2, "page": page, "problems": problems, "editable": editable(batch) and page is not None,
        "source": grid_views.source_of(batch), "known": batch.known, "refused": batch.state == State.REFUSED,
    }  # fmt: skip
    return render(request, "imports/import_columns.html", context, status=422 if problems else 200)


def editable(batch):
    """Whether columns may be corrected: also those of a file that was refused because no header was found."""
    return batch.changeable or batch.state == State.REFUSED


def _kept(request, batch, page):
    said = page.mapping()
    year = request.POST.get("year", "")
    with transaction.atomic():
        if "kind" in said:
            mapping.remember(page.book, said, by=request.user)
        batch.mapping, batch.kind = said, page.spec.kind
        batch.year = (
            int(year)
            if year.isdecimal() and FIRST_YEAR <= int(year) <= timezone.localdate().year
            else batch.year
        )
        batch.state, batch.version = State.CHECKED, batch.version + 1
        batch.save(update_fields=["mapping", "kind", "year", "state", "version"])
        record("import.mapping", batch, by=request.user, kind=batch.kind)
    return grid_views.check_again(request, batch)


@require_POST
@require(P.IMPORT)
def import_mapping_reset(request, uid):
    """Back to recognition by header alone: one click undoes what was remembered."""
    batch = grid_views.batch_of(request, uid)
    if not editable(batch):
        return redirect("import_preview", uid=batch.uid)
    ImportBatch.objects.unscoped("same row").filter(pk=batch.pk).update(mapping={"auto": True})
    batch.mapping = {"auto": True}
    return grid_views.check_again(request, batch)


class Page:
    """What the page shows: the mapping in force, changed by what the request says.

    Names of the form: `kind`, `year`, `layout` (see LAYOUTS; `g-n-i` is for whom or when a column is that repeats); for sheet number n `take-n`, `header-n`, `high-n`; for its column i `f-n-i` and
    `u-n-i`. `try` in the query: headers are the request's, columns are recognised anew; everything is when the kind is
    another one than the page `was` drawn for.
    """

    def __init__(self, batch, book, sizes, said, heads=()):
        self.batch, self.book, self.said = batch, book, said
        self.trying = "try" in said and said.get("kind") == said.get("was", said.get("kind"))
        self.posted = any(name.startswith(("f-", "l-")) for name in said)
        self.spec = mapping.spec_of(said.get("kind", "")) or mapping.spec_of(batch.kind) or specs()[0]
        self.kinds = [(spec.kind, spec.title) for spec in specs()]
        self.years = [(year, f"{year} 年") for year in range(timezone.localdate().year, FIRST_YEAR - 1, -1)]
        self.year = int(said["year"]) if said.get("year", "").isdecimal() else batch.year
        self.layouts = layouts_of(self.spec)
        self.layout = self._layout(heads)
        if self.layout == FORM:
            self.groups = groups_of(replace(self.spec, fields=self.spec.spoken.fields))
            kept = batch.mapping.get("labels", {}) if batch.kind == self.spec.kind else {}
            self.form = FormLabels(self.spec, book, kept, said, self.posted)
            self.sheets, self.more = [], 0
            return
        self.groups = groups_of(self.spec)
        self.sheets = [
            Section(self, n, sheet, sizes.get(sheet.name, 0))
            for n, sheet in enumerate(book.sheets[: mapping.MAX_SHEETS])
            if sheet.rows
        ]
        if not self.trying and not self.posted and not any(section.taken for section in self.sheets):
            for section in self.sheets[:1]:
                section.taken = True
        self.more = max(len(book.sheets) - mapping.MAX_SHEETS, 0)

    def _layout(self, heads):
        """The layout that was asked for, or that the file was read in."""
        offered = [value for value, _ in self.layouts]
        if (asked := self.said.get("layout")) in offered:
            return asked
        kept, forms = self.batch.mapping, [head for head in heads if isinstance(head, FormTable)]
        found = LIST
        if self.batch.kind == self.spec.kind and not kept.get("tables"):
            one = any(head.one_household for head in forms) or self.spec.repeats is None
            found = (
                FORM
                if kept.get("labels") or forms and one
                else WIDE
                if kept.get("wide") or forms or self._ticked(heads)
                else LIST
            )
        return found if found in offered else LIST

    def _ticked(self, heads):
        """Whether a field of the file was put together from columns of ticks: a plain list would show them as unused."""
        names = {name for name, _ in self.spec.ticked}
        return any(not names.isdisjoint(head.given) for head in heads)

    def mapping(self):
        """What is to be kept. Raises ValidationError in words that say what is missing."""
        if self.layout == LIST:
            return mapping.checked(self.spec, self.entries())
        if self.layout == FORM:
            labels = self.form.said()
            return {"kind": self.spec.kind, "tables": [], "labels": labels} if labels else {"auto": True}
        said = {
            "kind": self.spec.kind,
            "tables": [],
            "wide": [section.wide() for section in self.sheets if section.taken],
        }
        if not said["wide"]:
            raise ValidationError("至少要导入一个工作表。")
        try:
            recognise(self.book, self.batch.name, self.spec.kind, said)
        except Refused as refused:
            raise ValidationError(refused.sentence) from refused
        return said

    def entries(self):
        """The mapping that the request says; sheets beyond those shown stay as they were."""
        found = []
        for section in (section for section in self.sheets if section.taken):
            found.append(section.entry())
            found += [_as_said(entry) for entry in section.below if entry["header"][0] > section.header[-1]]
        shown = {section.name for section in self.sheets}
        for entry in self.batch.mapping.get("tables", ()):
            if entry["sheet"] not in shown:
                found.append(_as_said(entry))
        return found


def _as_said(entry):
    return {**entry, "said": [(index, name) for name, index in entry["columns"].items()]}


class Section:
    """One sheet: whether it is taken, where its header stands, its columns with a sample."""

    def __init__(self, page, n, sheet, size):
        self.page, self.n, self.sheet, self.name, self.size = page, n, sheet, sheet.name, size
        self.hidden = sheet.state != "visible"
        if page.layout == WIDE:
            self._read_wide()
            return
        kept = [entry for entry in page.batch.mapping.get("tables", ()) if entry["sheet"] == sheet.name]
        found = mapping.entries_on(sheet, page.spec, len(page.book.sheets) == 1) if sheet.rows else []
        auto, self.below = (found[0], found[1:]) if found else (None, [])
        decided = bool(page.batch.mapping.get("tables")) and page.batch.kind == page.spec.kind
        entry = (kept[0] if kept else None) if decided else (None if self.hidden else auto)
        said = page.said if page.posted or page.trying else {}
        answered = page.posted or page.trying
        self.taken = f"take-{n}" in said if answered else entry is not None
        self.header = self._header(said, entry or auto)
        if entry is None or entry["header"] != self.header or page.trying:
            entry = auto if auto and auto["header"] == self.header else self._guess()
        self.columns = self._columns(said, entry, auto)

    def _read_wide(self):
        """Columns that repeat: each with its field, and for whom or when it is."""
        page, spec = self.page, self.page.spec
        kept = next(
            (entry for entry in page.batch.mapping.get("wide", ()) if entry["sheet"] == self.name), None
        )
        found = [table.header_rows for table in spec.forms(self.sheet, spec.kind, self.sheet.file)] if self.sheet.rows and spec.forms else []  # fmt: skip
        auto = found[0] if found else next((table.header_rows for table in layout.find_tables(self.sheet, [spec])), None)  # fmt: skip
        said = page.said if page.posted or page.trying else {}
        answered = page.posted or page.trying
        self.below = []
        self.taken = f"take-{self.n}" in said if answered else kept is not None or not self.hidden
        self.header = self._header(said, kept or (auto and {"header": auto}))
        at = [self.sheet.numbers.index(number) for number in self.header]
        labels = labels_at(self.sheet, at)
        mine = kept is not None and kept["header"] == self.header and not page.trying
        words = {int(index): title for index, title in kept["names"].items()} if mine else labels
        repeated, plain = (
            spec.repeats.find(words),
            {index: name for name, index in match(words, spec).items()},
        )
        again, own = spec.repeats.find(labels), {index: name for name, index in match(labels, spec).items()}
        names = plain | {index: name for index, (_, name) in repeated.items()}
        wan = [name for index, name in names.items() if unit_of(words.get(index, "")) == 10_000]
        self.columns = self._columns(said, {"columns": {}, "wan": wan}, None, names)
        for column in self.columns:
            index = column["index"]
            choice = said.get(f"g-{self.n}-{index}", "") if page.posted else repeated.get(index, ("", ""))[0]
            column["choice"] = choice if choice in dict(spec.repeats.choices) else ""
            column["repeats"] = not column["name"] or column["name"] in spec.repeats.fields
            column["auto"] = (again.get(index) or ("", own.get(index, ""))) == (
                column["choice"],
                column["name"],
            )

    def wide(self):
        """The titles of the columns. Raises ValidationError where two say the same."""
        repeats, fields = self.page.spec.repeats, {item.name: item.label for item in self.page.spec.fields}
        names, taken, problems = {}, {}, []
        for column in self.columns:
            if name := column["name"]:
                choice = column["choice"] if name in repeats.fields else ""
                title = repeats.label(choice, name) if choice else fields[name]
                taken.setdefault(title, []).append(column["letter"])
                names[str(column["index"])] = f"{title}（万元）" if column["wan"] else title
        for title, letters in taken.items():
            if len(letters) > 1:
                problems.append(f"{'、'.join(letters)} 列都是“{title.replace(chr(10), '')}”，只能留一列。")
        if problems:
            raise ValidationError(problems)
        return {"sheet": self.name, "header": self.header, "names": names}

    def _header(self, said, entry):
        rows = self.sheet.numbers[:HEADER_ROWS]
        first, high = said.get(f"header-{self.n}", ""), said.get(f"high-{self.n}", "1")
        if first.isdecimal() and int(first) in rows:
            at = rows.index(int(first))
            return self.sheet.numbers[at : at + min(int(high) if high.isdecimal() else 1, HIGHEST)]
        return list(entry["header"]) if entry else [self._likely(rows)] if rows else []

    def _likely(self, rows):
        """The row that looks most like a header where none is known: the most short texts, and no data."""
        words = {number: sum(isinstance(cell, str) and cell != "" for cell in row) for number, row in zip(rows, self.sheet.rows)}  # fmt: skip
        plain = [number for number, row in zip(rows, self.sheet.rows) if not holds_data(row)]
        return max(plain or rows, key=lambda number: (words[number], -number))

    def _guess(self):
        """Recognition of the header at hand, however little of it is known."""
        at = [self.sheet.numbers.index(number) for number in self.header]
        columns = match(labels_at(self.sheet, at), self.page.spec)
        return {"columns": columns, "wan": None}

    @property
    def header_options(self):
        """`[(row number, its beginning)]` of the rows that may be the header."""
        for number, row in zip(self.sheet.numbers[:HEADER_ROWS], self.sheet.rows):
            words = "、".join(text(cell)[:8] for cell in row if cell != "")
            yield number, f"第 {number} 行：{words[:36]}"

    def _columns(self, said, entry, auto, names=None):
        at = [self.sheet.numbers.index(number) for number in self.header]
        labels = labels_at(self.sheet, at)
        fields = {item.name: item for item in self.page.spec.fields}
        names = names if names is not None else {index: name for name, index in entry["columns"].items()}
        own = {index: name for name, index in (auto or {"columns": {}})["columns"].items()}
        start = at[-1] + 1
        self.sample_numbers = self.sheet.numbers[start : start + SAMPLE]
        rows = self.sheet.rows[start : start + SAMPLE]
        width = max([len(row) for row in rows] + [max(labels, default=-1) + 1])
        columns = []
        for index in range(width):
            if index not in labels and all(index >= len(row) or row[index] == "" for row in rows):
                continue
            label = labels.get(index, "")
            name = said.get(f"f-{self.n}-{index}") if self.page.posted else names.get(index, "")
            name = name if name in fields else ""
            wan = unit_of(label) == 10_000 if entry["wan"] is None else name in entry["wan"]
            if self.page.posted:
                wan = said.get(f"u-{self.n}-{index}") == "wan"
            columns.append({
                "index": index, "letter": letter_of(index), "label": label.replace("\n", " / "), "name": name,
                "wan": wan, "sample": [sample_of(text(row[index] if index < len(row) else ""), fields.get(name)) for row in rows],
                "money": [item for item in fields if mapping.in_units(fields[item])],
                "auto": own.get(index, "") == name, "field": fields[name].label if name else "",
                "unit": bool(name) and mapping.in_units(fields[name]),
            })  # fmt: skip
        return columns

    @property
    def high(self):
        return len(self.header)

    def entry(self):
        at = [self.sheet.numbers.index(number) for number in self.header]
        columns = {column["name"]: column["index"] for column in self.columns if column["name"]}
        return {
            "counts": serials.counts(labels_at(self.sheet, at), columns) is not None,
            "sheet": self.name, "header": self.header,
            "said": [(column["index"], column["name"]) for column in self.columns if column["name"]],
            "wan": [column["name"] for column in self.columns if column["name"] and column["wan"]],
        }  # fmt: skip


def layouts_of(spec):
    """`[(value, words)]` of the layouts in which a kind can be read."""
    found = [(LIST, LAYOUTS[LIST])]
    if spec.repeats is not None:
        found.append((WIDE, LAYOUTS[WIDE].format(spec.repeats.words)))
    if spec.spoken is not None:
        found.append((FORM, LAYOUTS[FORM]))
    return found


def groups_of(spec):
    """`[(title, [Field])]` of a kind's fields for a select: what is needed, places, the rest as the kind lists it."""
    needed = {name for group in spec.needs for name in group}
    places = {item.name for item in PLACE}
    parts = {"必需": [], "地点": []}
    titles = {
        "income": "收入",
        "condition": "住房、土地等条件",
        "year": "成员年度情况",
        "member": "成员",
        "household": "户",
    }
    for item in spec.fields:
        if item.name in needed:
            parts["必需"].append(item)
        elif item.name in places:
            parts["地点"].append(item)
        else:
            parts.setdefault(titles.get(item.into.partition(".")[0], "其他"), []).append(item)
    return [(title, items) for title, items in parts.items() if items]
