"""What each place of a form means: proposed by its headers, corrected by a person, remembered for the unit.

`said` is {"scope": "place" or "home", "blocks": [one for each block]}; of a block {"rows": kind, "base": [conditions
on the households and people that it lists], "columns": {column: expression}, "cells": {"row,column": expression}, "factors": {same key: divisor},
"sure": [keys that were understood whole]}. Keys of columns are text, as JSON has them.
"""

import hashlib
import re
from collections import Counter
from dataclasses import replace

from django.db.models import Q

from fupin.accounts.roles import Permission as P
from fupin.excel.cleaning import compact
from fupin.onetable import matching
from fupin.onetable.deriving import derive, derive_items
from fupin.onetable.models import SavedMeaning
from fupin.onetable.sections import PLACE_LIKE, PLAIN, WHOLE, depth, heads, unnumbered
from fupin.onetable.structure import ROWS, flat
from fupin.onetable.vocabulary import PLACE, SERIAL, Expression, is_figure, parsed, spelling, words
from fupin.regions.models import Region

KINDS = {
    "village": "每村一行", "town": "每乡镇一行", "group": "每组一行", "household": "每户一行", "person": "每人一行", "project": "每个项目一行",
    "helper": "每名帮扶责任人一行", "unit": "每个帮扶单位一行", "team": "每个驻村工作队一行", "stationed": "每名驻村干部一行",
    "named": "表上已有地名，各填一行", "homes": "表上已有户，各填一行", "people": "表上已有人，各填一行", "across": "地名在列上，每格一个数字", "whole": "所填区域一行", "items": "每格一个数字", "none": "不填",
}  # fmt: skip
GIVEN = ("named", "homes", "people", "across")
"""Kinds of lines that the form has already."""
PLACES = {"town": 4, "village": 5, "group": 6}
HOME_TITLE = re.compile(
    r"(一户一|到户|户).{0,12}(调查表|登记表|信息表|明白卡|采集表|情况卡|户卡|手册)|入户.{0,6}表|家庭(?:情况|信息|基本情况)?(?:调查|登记|采集)表|贫困户对应填一张|户主签"
)
BASES = [
    (re.compile(r"脱贫户.{0,6}监测|监测.{0,8}脱贫户"), "object"),
    (re.compile(r"监测(对象|户|人口)|三类户|三类人员"), "monitored"),
    (re.compile(r"脱贫不稳定"), "monitor-1"),
    (re.compile(r"未脱贫"), "poor"),
    (re.compile(r"已?脱贫(户|人口|家庭|劳动力|人员|群众)"), "out"),
    (re.compile(r"建档立卡|贫困户|贫困人口"), "registered"),
    (re.compile(r"低保(户|对象|家庭|人员)"), "dibao"),
    (re.compile(r"特困|五保"), "tekun"),
    (re.compile(r"易地(扶贫)?搬迁"), "relocated"),
    (re.compile(r"危房"), "unsafe-house"),
]
PERSON_BASES = [
    (re.compile(r"大病.{0,3}慢(性)?病|慢(性)?病.{0,3}大病"), "ill"), (re.compile(r"残疾(人|人员)"), "disabled"), (re.compile(r"务工(人员|花名|台账|信息)|外出务工|劳动力转移"), "worker"), (re.compile(r"在校(学)?生|学生"), "student"), (re.compile(r"60(周)?岁|老年人"), "age-60"),
    (re.compile(r"公益(性)?岗"), "post"), (re.compile(r"劳动力"), "labour"), (re.compile(r"慢性?病"), "chronic"), (re.compile(r"大病"), "serious"), (re.compile(r"妇女"), "female"),
    (re.compile(r"孤儿"), "orphan"), (re.compile(r"党员"), "party"),
]  # fmt: skip


def proposed(blocks, by):
    """`(blocks, said, whether every block was remembered)`; loose cells of which none is understood are no block."""
    titles = " ".join(dict.fromkeys(block.title for block in blocks))
    lines = any(
        block.kind == ROWS and matching.row_kind(block.columns, block.title) != "person" for block in blocks
    )  # a card may hold a table of the household's members
    homes = any(_is_home(block) for block in blocks) or HOME_TITLE.search(titles)
    cards = any(block.cells for block in blocks)
    scope = "home" if homes and cards and not lines else "place"
    held, places = _remembered(blocks, by), places_named(blocks, by)
    pairs = [(block, held.get(signature(block)) or guessed(block, scope, places)) for block in blocks]
    pairs = [(block, said) for block, said in pairs if said["columns"] or said["cells"]]
    known = bool(pairs) and all(signature(block) in held for block, _ in pairs)
    if known:
        scope = pairs[0][1].get("scope", scope)
    return [block for block, _ in pairs], {"scope": scope, "blocks": [said for _, said in pairs]}, known


def places_named(blocks, by):
    """Titles and labels of the form that are names of places: not every village ends in 村."""
    said = {
        flat(words)
        for block in blocks
        for titles in (*block.labels.values(), *block.columns.values(), block.sections)
        for words in titles
        if len(words) <= 20
    }
    said |= {unnumbered(words) for words in said}
    rows = Region.objects.visible_to(by, P.REPORT_EXPORT).filter(Q(name__in=said) | Q(short_name__in=said))
    return frozenset(name for pair in rows.values_list("name", "short_name")[:2000] for name in pair) & said


def is_place(words, places=frozenset()):
    """Whether a title is a place: by how it ends, or because it is one of ours."""
    words = unnumbered(flat(words))
    return words in places or PLACE_LIKE.search(compact(words)) is not None


def _is_home(block):
    """Whether the single cells of a block are about one household."""
    flats = {spelling(title) for _, _, titles in block.cells for title in titles}
    return bool(flats & {"户主姓名", "户主", "户主身份证号码", "户主身份证号", "户编号", "户主证件号码"})


def _base(title, kind):
    """Conditions that the title puts on a block that lists households or people."""
    title = compact(title)
    found = (
        [key for pattern, key in BASES if pattern.search(title)][:1]
        if kind in ("household", "person")
        else []
    )
    if kind == "person":
        found += [key for pattern, key in PERSON_BASES if pattern.search(title)][:1]
    return found


def guessed(block, scope="place", places=frozenset()):
    """What the headers of a block mean. `places`: those of its words that are names of places."""
    made = {"rows": "items", "columns": {}, "cells": {}, "factors": {}, "sure": [], "base": []}
    if block.kind == ROWS:
        kind = matching.row_kind(block.columns, block.title)
        made["rows"] = _places(block) if kind == "place" else kind
        made["base"] = _base(block.title, kind) if not (own := _base(block.section, kind)) else own
        narrowed = narrowing(block, places) if kind == "place" else []
        for column, titles in block.columns.items():
            if column not in block.formulas:
                own, _ = matching.of_year(titles)
                found = matching.column([*narrowed, *own], kind, yuan=block.yuan)
                _put(made, "columns", str(column), found, titles)
        if kind == "place" and _is_one_line(block, made):
            made["rows"] = "whole"
        elif kind == "place" and not _says_where(block, made):
            made["rows"] = "none"
        _other_causes(made, block)
        _of_which(made, block)
        _sums_beside(made, block)
        _listed_twice(made)
        if kind == "place":
            _of_title(made, block)
        _of_years(made, block)
        _told_apart(made, made["columns"])
        derive(made, block)
        return made
    if found := _listed_already(block, places):
        _told_apart(found, found["columns"])
        derive(found, block)
        return found
    for row, column, titles in block.cells:
        over = block.columns.get(column, [])
        own, _ = matching.of_year(titles)
        over_own = [
            title for title in matching.of_year(over)[0] if not matching.YEAR.fullmatch(compact(title))
        ]
        found = matching.item(
            [*narrowing(block, places), *own],
            over_own,
            block.units.get(row, ""),
            block.yuan,
            card=scope == "home",
        )
        if not found.text:
            found = _caption(titles, scope)
        if not found.text and row in block.labels and heads(titles[-1]):
            continue  # 一、基础设施: a heading
        if found.text or block.columns:
            _put(made, "cells", f"{row},{column}", found, (*over[-1:], titles[-1] + block.units.get(row, "")))
    _of_title(made, block)
    _sums_of_items(made, block)
    _of_years(made, block)
    derive_items(made, block)
    for row in {key.partition(",")[0] for key in made["cells"]}:
        _told_apart(made, {key: text for key, text in made["cells"].items() if key.partition(",")[0] == row})
    if block.labels and not any(made["cells"].values()):
        for column, titles in block.columns.items():
            if any(c == column for _, c, _ in block.cells):
                _put(made, "columns", str(column), matching.column(titles, "place", yuan=block.yuan))
        if any(made["columns"].values()):
            made["rows"] = "named"
            made["cells"] = {}
        else:
            made["columns"] = {}
    return made


def narrowing(block, places=frozenset()):
    """The headings of a block's section that narrow its figures: those that are no place."""
    return [words for words in block.sections if not is_place(words, places)]


def _is_one_line(block, made):
    """Whether the only row below titles that are all figures is for the place that is filled."""
    texts = [text for text in made["columns"].values() if text]
    return (
        block.first == block.last > 0
        and bool(texts)
        and len(texts) == len(made["columns"])
        and all(is_figure(text) for text in texts)
    )


PARTS_OF = {"monitored": {"monitor-1", "monitor-2", "monitor-3", "risk-open", "risk-cleared"}, "registered": {"poor", "leaving", "out", "relapsed"}}  # fmt: skip
"""Groups that are parts of another."""
GROUPS = {"registered", "poor", "leaving", "out", "relapsed", "monitored", "monitor-1", "monitor-2", "monitor-3", "assisted", "object",
          "relocated", "dibao", "tekun", "unsafe-house", "ordinary", "risk-open", "risk-cleared", "all"}  # fmt: skip
"""Conditions that say whom a table is about."""


def _is_group(key):
    return key in GROUPS or key.startswith(("new-", "cleared-"))


def _of_title(made, block):
    """A table of figures is about those whom its title names, unless its titles name others: 脱贫人口结构表, 男 is the men
    of 脱贫户. Where they do, what is counted without a group is only a guess."""
    title = compact(block.title)
    group = next((key for pattern, key in BASES if pattern.search(title)), "")
    if not group:
        return
    for part in ("columns", "cells"):
        held = {key: parsed(text) for key, text in made[part].items() if is_figure(text)}
        named = {one for expression in held.values() for one in expression.conditions if _is_group(one)}
        for key, one in held.items():
            measure = words().measures[one.measure]
            if (
                any(map(_is_group, one.conditions))
                or "home" not in measure.takes
                and "person" not in measure.takes
            ):
                continue
            if named <= {group} | PARTS_OF.get(group, set()):
                made[part][key] = replace(one, conditions=(group, *one.conditions)).text
            elif key in made["sure"]:
                made["sure"].remove(key)


def _told_apart(made, held):
    """Two columns (cells of a row) that would get the same figure are not understood: neither is filled."""
    counts = Counter(text for text in held.values() if is_figure(text))
    for part in ("columns", "cells"):
        for key in held:
            if counts[made[part].get(key, "")] > 1:
                made[part][key] = ""
                made["sure"] = [one for one in made["sure"] if one != key]


def _says_where(block, made):
    """Whether the lines of a block are those of places: the first title is a place's or means something."""
    for column, titles in sorted(block.columns.items()):
        text = made["columns"].get(str(column), "")
        if text != SERIAL:
            return bool(text) or matching.spelling(titles[-1]) in matching.PLACE_NAMES
    return True


def _listed_already(block, places=frozenset()):
    """What the headers mean where the form has its lines already: rows of places, of households or people, or places over
    the columns. None for other blocks of items."""
    made = {"rows": "named", "columns": {}, "cells": {}, "factors": {}, "sure": [], "base": []}
    value = sorted({column for _, column, _ in block.cells})
    over = {column: block.columns[column] for column in value if column in block.columns}
    labels = [compact(titles[-1]) for titles in block.labels.values()]
    stub = {column: titles for column, titles in block.columns.items() if column not in value}
    keys = {one.key for titles in stub.values() if (one := matching.field_of(titles, "person"))}
    kind = (
        "person"
        if "name" in keys
        else "household"
        if keys & {"head_name", "hh_no"}
        else "person"
        if "id" in keys
        else ""
    )
    levels = {matching.PLACE_NAMES.get(spelling(titles[-1])) for titles in stub.values()}
    like = sum(is_place(label, places) for label in labels)
    if over and labels and (not kind and levels & {"village", "town", "group"} or 2 * like > len(labels)):
        kind = "place"
    elif not kind:
        named = {column for column, titles in over.items() if is_place(titles[-1], places)}
        if len(named) < 2 or 2 * len(named) <= len(over):
            return None
        named |= {column for column, titles in over.items() if WHOLE.fullmatch(compact(titles[-1]))}
        made["rows"] = "across"
        for row, column, titles in block.cells:
            if column in named:
                found = matching.item(titles, [], block.units.get(row, ""), block.yuan)
                _put(made, "cells", f"{row},{column}", found, titles)
        return made if any(made["cells"].values()) else None
    else:
        made["rows"] = {"household": "homes", "person": "people"}[kind]
    narrowed = narrowing(block, places) if kind == "place" else []
    for column, titles in over.items():
        if column not in block.formulas:
            own, _ = matching.of_year(titles)
            found = matching.column([*narrowed, *own], kind, yuan=block.yuan)
            _put(made, "columns", str(column), found, titles)
    _of_which(made, block)
    _of_years(made, block)
    return made if any(made["columns"].values()) else None


def _of_years(made, block):
    """Figures whose titles name a year are of that year."""
    labels = {f"{row},{column}": (titles, column) for row, column, titles in block.cells}
    for key, text in made["columns"].items():
        made["columns"][key] = _dated(text, block.columns[int(key)])
    for key, text in made["cells"].items():
        titles, column = labels[key]
        made["cells"][key] = _dated(text, [*titles, *block.columns.get(column, [])])


def _dated(text, titles):
    year = matching.of_year(titles)[1]
    if not year or not text or text == SERIAL or text[0] == "?":
        return text
    one = parsed(text)
    return text if one.entry in PLACE else replace(one, year=year).text


OF_WHICH = re.compile(r"^其中")


def _of_which(made, block):
    """其中 narrows the column at its left: 妇女人数, 其中：务工 is women who work."""
    whole = ""
    for column, titles in sorted(block.columns.items()):
        text = made["columns"].get(str(column), "")
        if not any(OF_WHICH.match(compact(title)) for title in titles):
            whole = text
            continue
        if not text or "|" not in text or not whole or "|" not in whole:
            continue
        (what, keys), (of, above) = text.split("|"), whole.split("|")
        if (
            words().home[what] is not words().home[of]
        ):  # 其中：经营性收入 of a village's income is no household's
            made["columns"][str(column)] = ""
            continue
        if what in ("h", "p") and of in ("h", "p") and above:
            made["columns"][str(column)] = Expression(
                what, tuple(dict.fromkeys([*above.split("+"), *keys.split("+")]))
            ).text


def _sums_beside(made, block):
    """合计 over a column beside others that count a part each is their sum, which may not be that of all: it is none of ours (`deriving` may find the sum)."""
    narrowed = {
        parsed(text).measure
        for key, text in made["columns"].items()
        if is_figure(text) and parsed(text).conditions and not _is_total(block, key)
    }
    for key, text in made["columns"].items():
        if (
            is_figure(text)
            and _is_total(block, key)
            and not parsed(text).conditions
            and parsed(text).measure in narrowed
        ):
            made["columns"][key] = ""
            made["sure"] = [one for one in made["sure"] if one != key]


def _is_total(block, key):
    return spelling(block.columns[int(key)][0]) in matching.TOTALS


def _listed_twice(made):
    """A list printed in two columns side by side: the lines go into the first."""
    seen, past = set(), False
    for key, text in sorted(made["columns"].items(), key=lambda one: int(one[0])):
        past = past or text in seen and text in ("#", "@name", "@head_name", "@hh_no")
        if past:
            made["columns"][key] = ""
        seen.add(text)


def _other_causes(made, block):
    """其他 beside causes of poverty is the cause 其他."""
    held = made["columns"]
    if sum("|cause-" in text for text in held.values()) < 3:
        return
    for key, text in held.items():
        titles = [spelling(title) for title in block.columns[int(key)]]
        if not text and {"其他", "其它", "其他户", "其他原因"} & {
            re.sub(r"[(（].*", "", title) for title in titles
        }:
            unit = matching.unit_in(block.columns[int(key)][-1]) or titles[-1]
            held[key] = f"{'p' if '人' in unit else 'h'}|cause-12"


def _sums_of_items(made, block):
    """合计 of rows that count the same, none a part of another, is what these rows come to: not the figure of the whole place,
    of which the rows may be a part only."""
    held, known = made["cells"], words()
    if any(
        len(titles) > 1 and depth(titles[-1]) == PLAIN and titles[-1].startswith("其中")
        for _, _, titles in block.cells
    ):
        return
    for row, column, titles in block.cells:
        key = f"{row},{column}"
        if not {spelling(title) for title in titles} <= {"合计", "总计", "小计"}:
            continue
        rows = [f"{r},{c}" for r, c, _ in block.cells if c == column and r < row]
        above = [parsed(held[one]) if is_figure(held.get(one)) else None for one in rows]
        if len(above) < 2 or not any(one and one.conditions for one in above):
            continue
        whole = all(one and one.conditions and one.measure == above[0].measure for one in above)
        measure = known.measures[above[0].measure] if whole else None
        held[key] = "@sum" if whole and (measure.additive or measure.parts) else ""
        made["sure"] = [one for one in made["sure"] if one != key or held[key]]
        factors = {made["factors"].get(one) for one in rows}
        if held[key] and len(factors) == 1 and None not in factors:
            made["factors"][key] = factors.pop()


def _put(made, part, key, found, titles=()):
    made[part][key] = found.text
    if re.search("[%％]", "".join(titles[-2:])):
        made.setdefault("hundred", []).append(key)
    if found.factor != 1:
        made["factors"][key] = found.factor
    if found.sure:
        made["sure"].append(key)


CAPTIONS = {"填报单位": "place.name", "填表单位": "place.name", "填报日期": "today", "填报时间": "today", "填表日期": "today", "填表时间": "today", "数据年度": "year", "年度": "year", "填报年度": "year",
            "截至日期": "today", "截止日期": "today", "填表人": "", "填报人": ""}  # fmt: skip


def _caption(titles, scope):
    label = re.sub(r"\(.*?\)", "", spelling(titles[-1]))
    if scope == "home" and (one := matching.field_of([label], "household")) is not None:
        return matching.Match(f"@{one.key}")
    key = CAPTIONS.get(label) or (
        f"place.{matching.PLACE_NAMES[label]}" if label in matching.PLACE_NAMES else ""
    )
    return matching.Match(f"@{key}") if key else matching.Match()


def _places(block):
    """The level of the places that a block has lines for, by its titles."""
    flats = {spelling(titles[-1]) for titles in block.columns.values()}
    named = {matching.PLACE_NAMES[flat] for flat in flats if flat in matching.PLACE_NAMES}
    for kind in ("group", "village", "town"):
        if kind in named:
            return kind
    return "village"


# Remembering


def signature(block):
    """What two forms with the same headers have in common."""
    parts = [
        f"{block.kind}{block.section}",
        *(
            f"{column}:{'/'.join(spelling(title) for title in titles)}"
            for column, titles in sorted(block.columns.items())
        ),
    ]
    parts += [
        f"{row - block.top},{column}:{'/'.join(spelling(title) for title in titles)}"
        for row, column, titles in block.cells
    ]
    return hashlib.sha256("|".join(parts).encode("utf-8", "replace")).hexdigest()


def unit_of(user):
    """The path of the user's own unit for forms: that of the widest post."""
    return min(user.paths("report_export"), key=len, default="")


def _remembered(blocks, by):
    """`{signature: said}` of this unit, cells moved to where the block stands in this form."""
    tops = {signature(block): block.top for block in blocks}
    rows = SavedMeaning.objects.filter(unit=unit_of(by), signature__in=list(tops))
    return {row.signature: _shifted(row.said, tops[row.signature]) for row in rows if _known(row.said)}


def _known(said):
    return all(words().known(text) for part in ("columns", "cells") for text in said[part].values())


def _shifted(said, by):
    """`said` with the rows of its cells counted from `by` (or back, with a negative one)."""

    def move(key):
        row, mark, column = key.partition(",")
        return f"{int(row) + by},{column}" if mark else key

    return said | {
        "cells": {move(key): text for key, text in said["cells"].items()},
        "factors": {move(key): value for key, value in said["factors"].items()},
        "sure": [move(key) for key in said["sure"]],
        "hundred": [move(key) for key in said.get("hundred", ())],
    }


def remember(form, blocks, by):
    """Keep what was said of each block for the unit of `by`."""
    for block, said in zip(blocks, form.said["blocks"]):
        kept = _shifted(said, -block.top) | {"scope": form.said["scope"]}
        SavedMeaning.objects.update_or_create(
            unit=unit_of(by), signature=signature(block), defaults={"said": kept, "user": by}
        )
