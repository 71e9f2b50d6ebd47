"""Import templates: an empty workbook for one kind of import, made from the columns that the import itself declares."""

from dataclasses import dataclass, field

import xlsxwriter

from fupin.accounts.roles import Permission as P
from fupin.excel.imports import GUIDE
from fupin.excel.table import letter_of
from fupin.regions.models import Level, Region

ROWS = 1000
"""Rows that have drop-downs. Text columns are text all the way down."""

MOST_PLACES = 3000
"""Villages that a drop-down offers; who has more of them writes the name."""

LISTS = "选项"
OPTIONAL, NEEDED, ONE_OF = "", "必填", "其中一列必填"
_NUMBERED = ("编号", "编码", "号", "号码", "账号", "代码")
_LEVELS = ("village", "town", "county", "city", "province")
"""Fields of a place, from the village up."""
MOST_PRINTED = 30
"""Columns that are readable on a sheet of paper."""
WIDTHS = (22, 14, 36, 24, 60)
"""Columns of the sheet that explains."""


@dataclass
class Column:
    """One column of a template. `options` are the words of its drop-down; `strict`: nothing else is understood."""

    name: str
    label: str
    need: str = OPTIONAL
    note: str = ""
    example: str = ""
    is_text: bool = False
    options: list = field(default_factory=list)
    strict: bool = False

    @property
    def told(self):
        """What the note on the header says."""
        few = "、".join(self.options[:12]) + ("……" if len(self.options) > 12 else "")
        parts = (
            f"{self.need}。" if self.need else "", self.note, f"如：{self.example}" if self.example else "",
            f"可填：{few}" if few else "",
        )  # fmt: skip
        return "\n".join(part for part in parts if part)


def columns_of(spec, places):
    """The Columns of a kind. Left out are those that nobody fills by hand: nothing is said of them.

    `places` {field name: [names]} see `places_of`.
    """
    groups = [*spec.needs, *spec.needs_named]
    wanted = {name for group in groups for name in group}
    need = {
        name: NEEDED if len(group) == 1 else ONE_OF
        for group in reversed(groups)
        for name in group
        if len(group) <= 3
    }
    found = []
    for item in spec.fields:
        if item.note.startswith("不读入") or not (
            item.example or item.note or item.choices or item.name in wanted
        ):
            continue
        named = places.get(item.place or item.name)
        options = named or words_of(item)
        found.append(
            Column(
                item.name, item.label, need.get(item.name, OPTIONAL), item.note,
                named[0] if named else item.example,
                item.pii is not None or "文本" in item.note or item.label.endswith(_NUMBERED), options,
                strict=bool(options) and not named and item.choices in getattr(item.clean, "args", ()),
            )
        )  # fmt: skip
    return found


def words_of(item):
    """What a column with a code table takes; 是 and 否 where the example is one of them."""
    if item.choices is not None:
        return [str(label) for _, label in item.choices.choices]
    return ["是", "否"] if item.example in ("是", "否") else []


def places_of(by):
    """`{field name: [names]}`: the villages in which `by` may import, with the townships and counties above them."""
    rows = Region.objects.visible_to(by, P.IMPORT).filter(level=Level.VILLAGE, valid_to=None).order_by("path")
    above = "__".join(["parent"] * 4)
    names = rows.values_list("name", *(f"{above[: 8 * n - 2]}__name" for n in range(1, 5)))[: MOST_PLACES + 1]
    if not 0 < len(names) <= MOST_PLACES:
        return {}
    return {place: list(dict.fromkeys(column)) for place, column in zip(_LEVELS, zip(*names)) if any(column)}


def write(spec, stream, *, by):
    """Write the template of a kind for `by` to the binary `stream`; returns its Columns."""
    columns = columns_of(spec, places_of(by))
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        plain = {"font_name": "宋体", "font_size": 11, "border": 1, "valign": "vcenter", "text_wrap": True}
        heads = {
            word: book.add_format({**plain, "bold": True, "align": "center", "bg_color": colour})
            for word, colour in ((NEEDED, "#FFE0B2"), (ONE_OF, "#FFF3D6"), (OPTIONAL, "#E8EEF4"))
        }
        as_text, cell = book.add_format({"num_format": "@"}), book.add_format(plain)
        page = book.add_worksheet(sheet_name(spec.title))
        guide = book.add_worksheet(GUIDE)
        lists = book.add_worksheet(LISTS)
        lists.hide()
        _fill_page(page, lists, columns, heads, as_text)
        _fill_guide(guide, spec, columns, heads, cell)
        page.activate()
    return columns


def sheet_name(title):
    """A title as a sheet may be called."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31]


def _fill_page(page, lists, columns, heads, as_text):
    listed = 0
    page.set_row(0, 36)
    for at, column in enumerate(columns):
        width = max(8, min(2 * len(column.label) + 3, 22), len(column.example) + 2 if column.is_text else 0)
        page.set_column(at, at, min(width, 26), as_text if column.is_text else None)
        page.write_string(0, at, column.label, heads[column.need])
        if column.told:
            page.write_comment(0, at, column.told, {"x_scale": 1.6, "y_scale": 1.4, "font_size": 9})
        if not column.options:
            continue
        lists.write_string(0, listed, column.label)
        lists.write_column(1, listed, column.options)
        letter = letter_of(listed)
        page.data_validation(1, at, ROWS, at, {
            "validate": "list", "source": f"={LISTS}!${letter}$2:${letter}${len(column.options) + 1}",
            "error_type": "stop" if column.strict else "warning", "error_title": column.label,
            "error_message": "请从下拉选项里选。" if column.strict else "不在下拉选项里，确定要这样填吗？",
        })  # fmt: skip
        listed += 1
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    if len(columns) <= MOST_PRINTED:
        page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _fill_guide(guide, spec, columns, heads, cell):
    lines = [
        f"“{spec.title}”导入模板。{spec.note + '。' if spec.note else ''}",
        "橙色的列必填，浅黄的列至少填一列，其余可以空着：空着是不知道，不要填 0。不用的列可以删掉，列的顺序可以改。",
        "证件号码、编号、电话等列已设为文本，请直接填，不要改成数字。填好后在“Excel 导入”里上传，会先检查再写入。",
    ]  # fmt: skip
    for row, line in enumerate(lines):
        guide.merge_range(row, 0, row, 4, line, cell)
        guide.set_row(row, 32)
    for at, (label, width) in enumerate(zip(("列", "要求", "怎么填", "例子", "可填的内容"), WIDTHS)):
        guide.set_column(at, at, width)
        guide.write_string(len(lines), at, label, heads[OPTIONAL])
    for row, column in enumerate(columns, len(lines) + 1):
        words = "、".join(column.options[:40]) + ("……" if len(column.options) > 40 else "")
        told = (column.label, column.need, column.note, column.example, words)
        for at, text in enumerate(told):
            guide.write_string(row, at, text, cell)
        guide.set_row(row, 16 * max(-(-2 * len(text) // width) for text, width in zip(told, WIDTHS)) or 16)
    guide.freeze_panes(len(lines) + 1, 0)
    guide.set_landscape()
    guide.set_paper(9)
    guide.fit_to_pages(1, 0)
