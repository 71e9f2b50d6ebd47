"""A value that stands wrong in many rows, corrected once: 益娘村 in 312 households, typed right one time."""

from collections import defaultdict

from fupin.excel import grid
from fupin.excel.corrections import LONGEST, MAX_CELLS, TOO_MANY

SHOWN = 8
"""Values that a page lists; once they are right the next ones come."""


def listed(staged, code):
    """`[(field, its label, value, how many cells)]` of what stands in the cells with the problem `code`, the commonest
    first. Personal values are never listed: each of them is somebody's own."""
    head = staged.heads[0]
    return [(name, head.label(name), value, count) for name, value, count in staged.alike(code, SHOWN)]


def asked(post):
    """`{(field, value): right value}` of the lines of the list that somebody filled in."""
    found = {}
    for n in range(SHOWN):
        right = " ".join(post.get(f"right:{n}", "").split())
        if right:
            found[post.get(f"field:{n}", ""), post.get(f"wrong:{n}", "")] = right
    return found


def put(staged, spec, edits, code, wanted):
    """Correct all cells with the problem `code` that hold one of the values `wanted` (see `asked`).

    A value of the household that stands in each of its rows is corrected in all of them. Answers `({(sheet, row)}
    touched, problem)`; nothing is corrected when there is a problem.
    """
    fields = {item.name: item for item in spec.fields}
    right = {
        (pos, name): value
        for (name, wrong), value in wanted.items()
        for pos in staged.holding(code, name, wrong)
    }
    if not right:
        return set(), "请在要改的值后面填上正确的写法。"
    if any(len(value) > LONGEST for value in wanted.values()):
        return set(), f"一格最多 {LONGEST:,} 字。"
    if edits.count + len(right) > MAX_CELLS:
        return set(), TOO_MANY
    lines = {line.pos: line for line in staged.lines(sorted({pos for pos, _ in right}))}
    mates = defaultdict(list)
    if any(name in spec.shared for _, name in right):
        units = {line.unit for line in lines.values() if line.unit is not None}
        for line in staged.lines(sorted(staged.rows_of(units))):
            mates[line.unit].append(line)
    touched = set()
    for (pos, name), value in right.items():
        line = lines[pos]
        shared = name in spec.shared and line.unit is not None
        others = [mate for mate in mates[line.unit] if mate.pos != pos] if shared else ()
        touched |= grid.correct(staged, fields[name], line, edits, value, others)
    return touched, ""
