"""The measures of a household in one cell of its row: 健康帮扶〔签约家庭医生〕；产业帮扶. Written by L08, read back by the import.

So does a group of columns, one for each kind, read as one cell (产业：√；就业：护林员).
"""

import re

from fupin.excel import cleaning
from fupin.excel.cleaning import BLANKS, compact
from households import codes
from households.imports.measure_columns import MARK, NOT, kind_of

_WRITTEN = re.compile(r"([^〔〕；：]{2,12})(?:〔([^〔〕]*)〕)?")
_TITLED = re.compile(r"([^：；]{1,16})：([^；]*)")
KINDS = {kind.label: kind.value for kind in codes.MeasureKind}


def said(what):
    """The words of a measure as the cell of several can hold them."""
    return re.sub(r"[；\n]", "，", what).replace("〔", "（").replace("〕", "）")


def written(measures):
    """The cell for `[(kind, words)]`, each once."""
    parts = []
    for kind, what in measures:
        label, words = codes.MeasureKind(kind).label, said(what)
        parts.append(label if words == label else f"{label}〔{words}〕")
    return "；".join(dict.fromkeys(parts))


def read(cell):
    """`[(kind, words)]` of a cell of which every part says its kind in one of these ways; [] for any other."""
    found = []
    for part in (part.strip() for part in cell.split("；")):
        if not part:
            continue
        if (match := _WRITTEN.fullmatch(part)) and match[1] in KINDS:
            found.append((KINDS[match[1]], (match[2] if match[2] is not None else match[1])[:200]))
            continue
        titled = _TITLED.fullmatch(part)
        kind = kind_of(titled[1]) if titled else None
        if kind is None:
            return []
        word = compact(titled[2])
        if word in BLANKS or NOT.fullmatch(word):
            continue
        plain = MARK.fullmatch(word) or word in cleaning.YES
        found.append((kind, (titled[1] if plain else titled[2].strip())[:200]))
    return found
