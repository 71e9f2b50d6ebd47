"""Two places, or one in two years, figure beside figure."""

from dataclasses import dataclass
from decimal import Decimal

from fupin.board.panels import Table
from fupin.excel.sheet import Kind
from households import codes
from households.panels.figures import own
from households.panels.gaps import CHANGES

SECTIONS = [
    ("规模", ["all", "registered", "assisted", "monitored", "risk-open"]),
    ("本年目标", ["plan-year", "plan-done", "plan-open", "target-over"]),
    ("本年变化", CHANGES),
    ("致贫原因", [f"cause-{code}" for code in codes.Cause.values]),
    ("三保障和饮水", ["unsafe-house", "unsafe-water", "uninsured", "out-of-school"]),
    ("走访和数据", ["visit-required", "visit-ok", "visit-over", "no-helper", "doubtful"]),
    ("收入", ["income-below", "income-none"]),
]
RATES = [
    ("目标完成率", "plan-done", "plan-year", "本年目标"),
    ("走访按期率", "visit-ok", "visit-required", "走访和数据"),
    ("有疑点的比例", "doubtful", "all", "走访和数据"),
    ("在帮扶的比例", "assisted", "all", "规模"),
]
"""(label, part, whole, section)."""


@dataclass(frozen=True)
class Line:
    """One figure of both sides. `left` and `right`: Cells, or fractions of a rate; `change`: left less right, None
    where one is not known; `bars`: their widths, 0 to 100."""

    label: str
    left: object
    right: object
    change: object
    bars: tuple
    rate: bool = False


def side_by_side(user, left, right):
    """`[(section, [Line])]` of two Views."""
    wanted = {key for _, keys in SECTIONS for key in keys}.union(
        *((part, whole) for _, part, whole, _ in RATES)
    )
    first, second = (own(user, view, wanted) for view in (left, right))
    made = []
    for title, keys in SECTIONS:
        rates = [_rate(label, first.share(part, whole), second.share(part, whole))
                 for label, part, whole, section in RATES if section == title]  # fmt: skip
        cells = [(first[key], second[key]) for key in keys]
        shown = [pair for pair in cells if title != "致贫原因" or pair[0].number or pair[1].number]
        made.append((title, [_line(*pair) for pair in shown] + rates))
    return made


def _line(left, right):
    known = not any(cell.few or cell.unknown for cell in (left, right))
    top = max(left.number, right.number) or 1
    bars = tuple(100 * cell.number / top if known else 0 for cell in (left, right))
    return Line(left.label, left, right, left.number - right.number if known else None, bars)


def _rate(label, left, right):
    known = left is not None and right is not None
    bars = tuple(float(value) * 100 if known else 0 for value in (left, right))
    return Line(label, left, right, left - right if known else None, bars, rate=True)


def as_table(sections, names):
    """The Table of `side_by_side`; a rate is in percent with one place."""
    columns = [
        ("类", Kind.TEXT),
        ("指标", Kind.TEXT),
        *((name, Kind.AREA) for name in names),
        ("左减右", Kind.AREA),
    ]
    lines = [
        [
            title,
            f"{line.label}（%）" if line.rate else line.label,
            *map(_value, (line.left, line.right, line.change)),
        ]
        for title, found in sections
        for line in found
    ]
    return Table(columns, lines)


def _value(one):
    if isinstance(one, Decimal):
        return round(100 * one, 1)
    return getattr(one, "value", one)
