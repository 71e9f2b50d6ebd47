"""Headings within a table: 一、脱贫人口, （二）监测对象, 1. 户数, 其中：. They narrow what stands below them until the next of
their depth, and a heading that only heads is not filled."""

import re
from dataclasses import dataclass, field, replace

from fupin.excel.cleaning import compact
from fupin.onetable.vocabulary import spelling

DEPTHS = (
    re.compile(r"[一二三四五六七八九十]{1,3}[、.,](?=.)"),
    re.compile(r"\([一二三四五六七八九十]{1,3}\)(?=.)"),
    re.compile(r"\d{1,2}[、.](?=\D)"),
    re.compile(r"\(\d{1,2}\)(?=.)|[①-⑳](?=.)"),
)
PLAIN = len(DEPTHS)
PLACE_LIKE = re.compile(r"(村|社区|镇|乡|街道|居委会|村委会|组|县|区|场)$")
OF_WHICH = re.compile(r"其中")
BARE_COUNT = re.compile(r"(?:总|人口|家庭)?(?:户数|人数|户|人|人口数|人口|数量)(?:\((?:户|人)\))?")
WHOLE = re.compile(
    r"(?:(?:本|全)?[省市县区镇乡村组])?(?:合计|小计|总计|共计|总数|合计数|累计)(?:\([^()]*\))?:?(?:万元|元|户|人|亩)?"
)
"""The label of a row that sums up all lines above it (or below it), and nothing else."""


def depth(words):
    """0 for 一、 to 3 for （1）; PLAIN for words without a number before them."""
    flat = compact(words)
    return next((n for n, mark in enumerate(DEPTHS) if mark.match(flat)), PLAIN)


def unnumbered(words):
    """Words without the number before them."""
    flat = compact(words)
    return next((flat[mark.match(flat).end() :] for mark in DEPTHS if mark.match(flat)), words)


def heads(words):
    """Whether words head a part of a table: 一、 or （一） stands before them."""
    return depth(words) < 2


def is_bare_count(words):
    return BARE_COUNT.fullmatch(compact(spelling(words))) is not None


@dataclass
class Outline:
    """Reads the labels of a table from top to bottom: `parents` of each are what it stands under."""

    above: list = field(default_factory=list)
    """[(depth, words)] of the headings that still hold."""
    owner: tuple = ()
    """(words, indent) of the last label that a 其中 after it is a part of."""
    inside: bool = False
    """Whether a 其中 that stands alone still holds."""

    def parents(self, words, indent=0, *, part_follows=False):
        """The labels that `words` stands under, from top to bottom. `part_follows`: the next label begins with 其中."""
        flat, own = compact(words), depth(words)
        if OF_WHICH.match(flat):
            self.inside = self.inside or not spelling(words).removeprefix("其中")
            return self._under_owner() if self.owner else self._words()
        if own < PLAIN:
            self.above = [(n, held) for n, held in self.above if n < own]
            found = self._words()
            self.above.append((own, words))
            self.owner, self.inside = (words, indent, part_follows), False
            return found[:-1] if found and found[-1] == words else found
        if self.owner and (
            self.inside and (indent > self.owner[1] or not indent) or indent > 2 and self.owner[2]
        ):
            return self._under_owner()
        self.owner, self.inside = (words, indent, part_follows), False
        return self._words()

    def _words(self):
        return [words for _, words in self.above]

    def _under_owner(self):
        held = self._words()
        return held if held and held[-1] == self.owner[0] else [*held, self.owner[0]]


def idle(labels, units):
    """Rows of `labels` ({row: [titles]}) that only head others: 其中： alone, a heading over bare counts, one without a unit
    where others have one."""
    rows, found = sorted(labels), set()
    for at, row in enumerate(rows):
        own = labels[row][-1]
        below = labels[rows[at + 1]] if at + 1 < len(rows) else []
        parts = own in below[:-1]
        if (
            spelling(own) == "其中"
            or parts
            and (is_bare_count(below[-1]) or heads(own) and units and row not in units)
        ):
            found.add(row)
    return found


def split(block, texts, empty, label):
    """`[(section, empty rows, totals)]` of a table whose lines stand under headings; the last one has no
    section and only the totals of all, if they stand apart. [] for a table without headings. `label(row)` gives the words
    of a row that has a text."""
    starts = [row for row in texts if heads(label(row)) or OF_WHICH.match(compact(label(row)))]
    if not starts or not any(row > starts[0] for row in empty):
        return []
    outline, parts = Outline(), []
    for n, row in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else max([*empty, *texts, *block.totals]) + 1
        path = [*outline.parents(label(row)), label(row)]
        parts.append(
            [
                path,
                row,
                [one for one in empty if row < one < end],
                [one for one in block.totals if row < one < end],
            ]
        )
    lined = [part for part in parts if part[2]]
    before = [row for row in empty if row < starts[0]]
    if before or not lined:
        return []
    totals, most = lined[-1][3], max((len(part[3]) for part in lined[:-1]), default=0)
    apart = totals[most:] if len(lined) > 1 else []
    lined[-1][3] = [row for row in totals if row not in apart]
    apart += [row for row in block.totals if row < starts[0]]
    found = [(" / ".join(path), rows, sums) for path, _, rows, sums in lined]
    return [*found, ("", [], apart)] if apart else found


def sums_of(block, made, rows):
    """What fills the totals of all sections: a block without lines where the sections are places. Where they are kinds of
    households, one may stand under two of them: nobody here can say what is summed."""
    if not rows:
        return []
    if all(PLACE_LIKE.search(compact(words)) for one in made for words in one.sections):
        return [under(replace(block, kind="rows", labels={}, cells=[]), "", [], rows)]
    made[-1].left_out += [(row, "合计", "各部分的户可能重复，这里不相加，留空") for row in rows]
    return []


def under(block, section, rows, totals):
    """A copy of a block of lines with the rows of one section."""
    made = replace(block, section=section, first=0, last=-1, totals=list(totals), left_out=[])
    if rows:
        made.first = made.last = rows[0]
        for one in rows[1:]:
            made.last = one if one == made.last + 1 else made.last
    return made
