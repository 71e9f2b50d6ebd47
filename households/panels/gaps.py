"""What is missing: measures that answer a cause, the three guarantees and water, visits, trust in the data."""

from decimal import Decimal

from fupin.accounts.roles import Permission as P
from fupin.board.panels import Table
from fupin.excel.sheet import Kind
from households import codes, stats
from households.breakdown import BY, FIRST, MATCH, SHORTFALLS
from households.checks import BY_CODE
from households.models import Helper
from households.panels.figures import place

CADRES = 40
"""Responsible persons in the heat table of the whole dashboard: the worst."""
CHANGES = [figure.key for figure in stats.CHANGES]


def changes(user, view, day):
    """新增、消除、返贫 of the year, by place."""
    own, rows = place(user, view, day)
    shown = [(row, row.figures.cells(CHANGES)) for row in rows]
    return {
        "year": day.year,
        "labels": [stats.BY_KEY[key].label.removeprefix("本年") for key in CHANGES],
        "rows": shown,
        "total": own.cells(CHANGES),
        "unit": view.unit,
        "table": Table(
            [("地方", Kind.TEXT), *((stats.BY_KEY[key].label, Kind.COUNT) for key in CHANGES)],
            [[row.name, *(cell.value for cell in cells)] for row, cells in shown],
        ),
    }


def matching(user, view, day):
    """Causes of the households under assistance against their measures."""
    own, _ = place(user, view, day)
    kinds = [
        kind for kind in codes.MeasureKind if any(_pair(own, cause, kind).number for cause in codes.Cause)
    ]
    lines = []
    for cause in codes.Cause:
        whole, none = own[f"match-{cause}"], own[f"unmatched-{cause}"]
        if whole.number:
            pairs = [
                (_pair(own, cause, kind), kind in MATCH[cause] and len(MATCH[cause]) < len(codes.MeasureKind))
                for kind in kinds
            ]
            lines.append((cause.label, whole, none, own.share(f"unmatched-{cause}", f"match-{cause}"), pairs))
    lines.sort(key=lambda line: -line[2].number)
    return {
        "kinds": kinds,
        "lines": lines,
        "unit": view.unit,
        "table": Table(
            [("致贫原因", Kind.TEXT), ("在帮扶", Kind.COUNT), ("没有对应措施", Kind.COUNT), ("占比", Kind.RATE),
             *((kind.label, Kind.COUNT) for kind in kinds)],
            [[label, whole.value, none.value, share, *(cell.value for cell, _ in pairs)]
             for label, whole, none, share, pairs in lines],
        ),
    }  # fmt: skip


def _pair(own, cause, kind):
    return own[f"match-{cause}-{kind}"]


def shortfalls(user, view, day):
    """Open shortfalls by the data year since which they are open, and by place."""
    own, rows = place(user, view, day)
    keys = [key for key in SHORTFALLS if not own.unknown(key)]
    years = [
        year for year in range(day.year, FIRST - 1, -1) if any(own.counted.get(f"{key}-since-{year}", (0,))[0] for key in keys)
    ]  # fmt: skip
    lines = []
    for key in keys:
        cells = [own[f"{key}-since-{year}"] for year in years]
        first = min((year for year, cell in zip(years, cells) if cell.number), default=None)
        days = (day - day.replace(year=first, month=1, day=1)).days if first else None
        lines.append((own[key], cells, days))
    return {
        "years": [(year, (day - day.replace(year=year, month=1, day=1)).days) for year in years],
        "lines": lines,
        "first": FIRST,
        "rows": [(row, row.figures.cells(keys)) for row in rows],
        "labels": [stats.BY_KEY[key].label for key in keys],
        "total": own.cells(keys),
        "unit": view.unit,
        "table": Table(
            [("缺口", Kind.TEXT), ("合计", Kind.COUNT), *((f"{year} 年度起", Kind.COUNT) for year in years),
             ("最久（天）", Kind.COUNT)],
            [[cell.label, cell.value, *(one.value for one in cells), days] for cell, cells, days in lines],
        ),
    }  # fmt: skip


def visits(user, view, day):
    """Visits in time by place; in a township and a village also by responsible person."""
    own, rows = place(user, view, day)
    marked = [(row, row.figures.share("visit-ok", "visit-required")) for row in rows]
    asked = [(row, rate, heat(rate)) for row, rate in marked if rate is not None]
    asked.sort(key=lambda entry: entry[1])
    places, cadres = by_cadre(user, own, rows)
    shown = cadres if view.whole else cadres[:CADRES]
    return {
        "own": own,
        "rows": asked,
        "total": own.share("visit-ok", "visit-required"),
        "unit": view.unit,
        "places": places,
        "cadres": shown,
        "cut": len(cadres) - len(shown),
        "table": Table(
            [("地方", Kind.TEXT), *([("责任人", Kind.TEXT)] if cadres else []), ("应访", Kind.COUNT), ("按期", Kind.COUNT),
             ("逾期", Kind.COUNT), ("按期率", Kind.RATE)],
            [
                [row.name, *(["全部"] if cadres else []),
                 *(row.figures[f"visit-{key}"].value for key in ("required", "ok", "over")), rate]
                for row, rate, _ in asked
            ] + _cadre_lines(places, cadres),
        ),
    }  # fmt: skip


def _cadre_lines(places, cadres):
    """Every responsible person in each place and in all, as lines of the workbook."""
    return [
        [where, name, cell["owed"].number, cell["done"].number, cell["owed"].number - cell["done"].number, cell["rate"]]
        for name, cells, whole in cadres
        for where, cell in zip([*places, "合计"], [*cells, whole])
        if cell
    ]  # fmt: skip


def heat(rate):
    """The heat class of a rate: below 60, 60, 75, 85, 95 percent."""
    return f"ht{1 + sum(rate >= Decimal(edge) / 100 for edge in (60, 75, 85, 95))}"


def by_cadre(user, own, rows):
    """`(places, [(name, [cell or None by place], total cell)])`: responsible persons against places, the worst first. Their counts are kept by village; persons are named only to who sees the households."""
    keys = {key.split("-")[1] for key in own.counted if key.startswith(BY)}
    if not own.linked or not keys:
        return [], []
    shown = [row for row in rows if any(key.startswith(BY) for key in row.figures.counted)]
    names = dict(
        Helper.objects.visible_to(user, P.HOUSEHOLD_VIEW)
        .filter(pk__in=keys)
        .order_by()
        .values_list("pk", "name")
    )
    lines = [
        (
            names.get(int(key), "未落实责任人" if key == "0" else "（外地责任人）"),
            [_heat(row.figures, key) for row in shown],
            _heat(own, key),
        )
        for key in sorted(keys, key=int)
    ]
    lines.sort(key=lambda line: line[2]["rate"])
    return [row.name for row in shown], lines


def _heat(figures, key):
    conditions = {"pairing": "no"} if key == "0" else {"helper": key}
    owed = figures.other(f"{BY}{key}-all", "应访", figure="visit-required", **conditions)
    if not owed.number:
        return None
    done = figures.other(f"{BY}{key}-ok", "按期", figure="visit-ok", **conditions)
    rate = Decimal(done.number) / owed.number
    return {"owed": owed, "done": done, "rate": rate, "heat": heat(rate)}


def quality(user, view, day):
    """数据质量: the share of households without an open doubt, by place, and which doubts."""
    own, rows = place(user, view, day)
    if own.unknown("doubtful"):  # the note of the board says that nothing tells
        return None
    scored = [(row, score(row.figures)) for row in rows]
    scored = sorted(
        ((row, rate, heat(rate)) for row, rate in scored if rate is not None), key=lambda one: one[1]
    )
    rules = [
        own.other(key, f"{code} {BY_CODE[code].message}" if code in BY_CODE else code, rule=code)
        for key in own.counted
        if key.startswith(stats.RULE)
        for code in [key.removeprefix(stats.RULE)]
        if own.linked or not stats.is_few(own.counted[key])
    ]
    rules.sort(key=lambda cell: -cell.number)
    return {
        "own": own,
        "score": score(own),
        "rows": scored,
        "rules": rules,
        "unit": view.unit,
        "table": Table(
            [("地方", Kind.TEXT), ("在册", Kind.COUNT), ("有疑点", Kind.COUNT), ("数据质量", Kind.RATE)],
            [
                [row.name, row.figures["all"].value, row.figures["doubtful"].value, rate]
                for row, rate, _ in scored
            ],
        ),
    }


def score(figures):
    """The share of the households in the book that have no open doubt; None without any, or where it is withheld."""
    doubtful = figures.share("doubtful", "all")
    return None if doubtful is None else 1 - doubtful
