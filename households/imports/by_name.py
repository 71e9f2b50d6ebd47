"""Households that a list names by their heads alone: 结对户：张三、李四、王五.

A name says which household is meant where it is the only one of that name in the village (or the user's places); then
it is taken and told. One that several bear, or nobody, is an error that says what to write.
"""

import re

from fupin.accounts.roles import Permission
from fupin.excel import cleaning
from fupin.excel.cleaning import BLANKS, compact, text
from fupin.excel.places import PLACE, Place, regions_of
from fupin.regions.models import Region
from households import search
from households.imports.form_names import parted
from households.models import Household

CHUNK = 500
SHOWN = 5
"""Households of one name that an error lists."""
_PARTS = re.compile(r"[、,，;；/\n]+|\s{2,}|(?<=\D)\s*(?=\d{1,2}[.．、)）]\s*[\u3400-\u9fff])")
_LISTED = re.compile(r"(?:^|[\s、,，;；])[(（]?\d{1,2}[.．、)）]\s*(?=[\u3400-\u9fff])")
"""1、张三 2、李四: what numbers the names."""
_NUMBERED = re.compile(r"^[(（]?\d{1,2}[.．、)）]\s*(?=[\u3400-\u9fff])")
_COUNT = re.compile(r"[(（]?(?:等|共|合计)?\s*(\d{1,3}|[一二三四五六七八九十]{1,3})\s*户[)）]?$")
_BRACKET = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff][\u3400-\u9fff\U00020000-\U0003ffff·•・.]{1,14}")
_DIGITS = dict(zip("一二三四五六七八九十", range(1, 11)))


def names_in(cell):
    """`([(name, what stands in brackets behind it)], how many the cell says there are or None)` of a cell of names.

    张三、李四(51001)、王五等5户 are three, of five. What is no list of names is one, as it stands.
    """
    said = text(cell)
    if said in BLANKS:
        return [], None
    count = _COUNT.search(said)
    bare = said[: count.start()].rstrip("、,，;； ") if count and count.start() > 1 else said
    bare = _LISTED.sub("\n", bare)
    parts = [part.strip() for part in _PARTS.split(bare) if part and part.strip()]
    words = bare.split()
    if len(parts) == 1 and len(words) > 1 and all(len(word) > 1 and _NAME.fullmatch(word) for word in words):
        parts = words
    found = []
    for part in parts:
        part = _NUMBERED.sub("", part)
        inside = _BRACKET.search(part)
        name = cleaning.name(_BRACKET.sub("", part) if inside else part)
        found.append((name, compact(inside[1]) if inside else ""))
    if len(found) > 1 and not all(_NAME.fullmatch(name) for name, _ in found):
        return [(cleaning.name(cell), "")], None
    said_count = count and (int(count[1]) if count[1].isdecimal() else _DIGITS.get(count[1]))
    return found, said_count if count and bare != said else None


def named(rows, cells):
    """`(name, Place)` of the household that a row names by its head, () where it names none."""
    name = cleaning.name(rows.cell("head_name", cells))
    if not name or name in BLANKS:
        return ()
    return name, parted(Place(*(rows.word(item.name, cells) for item in PLACE[:5])))[0]


def find(records, by, within="", near=False):
    """Set `household` of each record that names its own by the head's name alone (`record.named`); refuse the others.
    `near`: only in a village that the list names, or that is all the user has."""
    asked = [record for record in records if record.named and not record.number and not record.person]
    if not asked:
        return
    places = {record.named[1] for record in asked if record.named[1] != Place()}
    where = regions_of(places, by, within=within) if places else {}
    alone = len(within) >= 12 or len(paths := by.paths(Permission.IMPORT)) == 1 and len(min(paths)) >= 12
    held = _of_names(sorted({name for record in asked for name in _spelled(record.named[0])}), by, within)
    villages = _names_of({home[2][:12] for homes in held.values() for home in homes})
    for record in asked:
        name, place = record.named
        region = where.get(place)
        if place.village and (region is None or len(region.path) < 12):
            record.refuse("region_unknown", "village", place.village)
            continue
        if near and not alone and not place.village:
            detail = "只写了户主姓名，没有写村；请加“村”一列，或填户编号、户主证件号码"
            record.refuse("household_no_missing", "hh_no", detail=detail)
            continue
        known = next((held[one] for one in _spelled(name) if one in held), ())
        homes = [home for home in known if region is None or home[2].startswith(region.path)]
        told = "、".join(f"{number}（{villages.get(path[:12], '')}）" for _, number, path in homes[:SHOWN])
        if len(homes) == 1:
            key, number, path = homes[0]
            record.household = (key, path)
            detail = f"“{name}”认作户 {told}；不是的请在“户编号”里填对"
            record.warn("household_by_name", "head_name", name, household=number, detail=detail)
        elif homes:
            more = f"等 {len(homes)} 户" if len(homes) > SHOWN else ""
            detail = f"叫“{name}”的有 {len(homes)} 户，请在“户编号”里填是哪一户：{told}{more}"
            record.refuse("household_name_ambiguous", "head_name", name, detail=detail)
        else:
            detail = f"没有叫“{name}”的户主；请核对姓名和村，或在“户编号”里填户编号。还没有建档的户，先导入“户和成员”"
            record.refuse("household_name_unknown", "head_name", name, detail=detail)


def _spelled(name):
    """A name as it stands, and what is left of 王五家 and 王五户."""
    return (name, name[:-1]) if len(name) > 2 and name[-1] in "家户" else (name,)


def _of_names(names, by, within):
    """`{name: [(household, number, region path)]}` of the households in the book whose head is called so."""
    reach = Household.objects.visible_to(by, Permission.IMPORT).exclude(registry_status="9").order_by()
    if within:
        reach = reach.within(within)
    found = {}
    for start in range(0, len(names), CHUNK):
        some = names[start : start + CHUNK]
        pieces = {min(search.tokens(name), default="") for name in some}
        rows = reach.filter(tokens__token__in=pieces, head_name__in=some)
        for name, *home in rows.values_list("head_name", "pk", "number", "region_path"):
            if tuple(home) not in found.setdefault(name, []):
                found[name].append(tuple(home))
    return {name: sorted(homes, key=lambda home: home[1]) for name, homes in found.items()}


def _names_of(paths):
    return dict(Region.objects.filter(path__in=paths).order_by().values_list("path", "short_name"))
