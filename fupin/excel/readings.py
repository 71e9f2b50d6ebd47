"""What a check took for granted about a file, in sentences for its preview: columns and sheets that are not used, units, the year."""

from fupin.excel.imports import specs
from fupin.excel.titles import key_of, known_as, spellings_of

SHOWN = 12
"""Columns or sheets that a sentence names."""
_COUNTS = frozenset(("序号", "项次", "序"))
_WHOSE = frozenset(("hh_no", "id", "any_id", "head_name", "head_id", "name", "village"))
"""Fields that say whose a row is, which every kind has."""


def sentences(report):
    """How the file of this report was read, [] where nothing was taken for granted."""
    notes = report.get("notes", ())
    found = []
    unused = _columns(notes)
    labels = [label for _, label in unused if key_of(label) not in _COUNTS]
    if labels:
        named = [f"{col} 列“{label}”" for col, label in unused if label in labels]
        found.append(f"没有用到的列：{_some(named, '列')}")
    for title, words in _others(report.get("kind", ""), labels):
        found.append(
            f"其中“{'”“'.join(words)}”是{title}的内容：要导入，请把这个文件再传一次，导入内容选“{title}”"
        )
    for code, words, unit in (
        ("unit_wan_converted", "按万元读、换算成元的列", "列"), ("hidden_column", "隐藏的列照样读了", "列"),
    ):  # fmt: skip
        columns = [column for note in notes if note["code"] == code for column in note["columns"]]
        if columns := list(dict.fromkeys(filter(None, columns))):
            found.append(f"{words}：{_some(columns, unit)}")
    missing = [note["label"] for note in notes if note["code"] == "year_column_missing"]
    if missing:
        found.append(f"没有 {report.get('year')} 年的列，没有读：{_some(list(dict.fromkeys(missing)), '列')}")
    for code, words in (
        ("other_sheet_skipped", "没有读的工作表"),
        ("hidden_sheet_skipped", "隐藏的工作表没有读"),
    ):
        sheets = list(dict.fromkeys(note["sheet"] for note in notes if note["code"] == code))
        if sheets:
            found.append(f"{words}：{_some(sheets, '个')}")
    return found


def _columns(notes):
    """`[(letter, label)]` of the columns that mean nothing to the kind, each label once."""
    pairs = {}
    for note in notes:
        if note["code"] == "extra_column_ignored" and note.get("label"):
            pairs.setdefault("".join(note["label"].split()), note.get("col", ""))
    return [(col, label) for label, col in pairs.items()]


def _others(kind, labels):
    """`[(title, labels)]` of other kinds of which these columns hold all that is not the household's."""
    found = []
    for spec in specs():
        known = {
            label: name
            for label in labels
            if (name := known_as(spellings_of(label), spec)) and name not in _WHOSE
        }
        groups = [group for group in spec.fewer or spec.needs if _WHOSE.isdisjoint(group)]
        if spec.kind == kind or spec.strangers or not groups:
            continue
        if all(any(name in known.values() for name in group) for group in groups):
            found.append((spec.title, list(known)[:SHOWN]))
    return found


def _some(words, unit):
    return "、".join(words[:SHOWN]) + (f"等 {len(words)} {unit}" if len(words) > SHOWN else "")
