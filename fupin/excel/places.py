"""Places as files name them, looked up in bulk inside the user's own posts."""

import re
from dataclasses import dataclass

from fupin.accounts.roles import Permission
from fupin.excel.imports import Field, described
from fupin.regions import names
from fupin.regions.models import Level, Region

PLACE = (
    Field("province", "省", ("省份", "省(区、市)")),
    Field("city", "市", ("市州", "地市", "市(州)", "地级市")),
    Field("county", "县", ("县区", "区县", "县市", "区", "旗", "县(市、区、旗)", "县(区)", "区(县)", "所属县")),
    Field("town", "乡镇", ("乡", "镇", "乡(镇)", "街道", "所在乡镇", "镇名", "乡镇名", "乡镇名称", "乡镇街道", "乡镇(街道)")),
    Field("village", "村", ("行政村", "所属村", "村(居)委会", "村名", "所在村", "村别", "村名称", "村社区", "村(社区)", "行政村名称")),
    Field("group", "组", ("村民小组", "所在组", "自然村", "自然村（组）", "社", "屯", "组别", "小组", "组名")),
)  # fmt: skip


PLACE = described(PLACE, {
    "province": "四川省", "city": "甘孜藏族自治州", "county": "炉霍县", "town": ("新都镇", "同名的村多时才要填。"),
    "village": ("昌龙村", "区划表里的村名。"), "group": "二组",
})  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Names as written in one row; "" where the file has no such column."""

    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    village: str = ""

    def matches(self, village):
        """Whether the found village lies where the names say."""
        town = village.parent
        county = town.parent
        city = county.parent
        province = city.parent
        return (
            (not self.town or names.town_key(self.town) == town.key)
            and (not self.county or same(self.county, county.key))
            and (not self.city or same(self.city, city.key))
            and (not self.province or same(self.province, province.key))
        )


def same(written, key):
    """Whether a county, prefecture or province is meant: 炉霍 for 炉霍县 will do."""
    written = names.area_key(written)
    return written == key or (len(written) >= 2 and key.startswith(written))


def villages_of(places, by, *, within=""):
    """`{place: village Region or None}` for a set of Places: None where no village, or more than one, fits.

    One query per 500 village names; only villages in which `by` may import are seen.
    """
    keys = sorted({names.village_key(place.village) for place in places if place.village})
    rows = Region.objects.visible_to(by, Permission.IMPORT).filter(level=Level.VILLAGE)
    if within:
        rows = rows.within(within)
    found = {}
    for start in range(0, len(keys), 500):
        chunk = rows.filter(key__in=keys[start : start + 500]).select_related(
            "parent__parent__parent__parent"
        )
        for village in chunk.order_by("path"):
            found.setdefault(village.key, []).append(village)
    answer = {}
    for place in places:
        fits = (
            [v for v in found.get(names.village_key(place.village), []) if place.matches(v)]
            if place.village
            else []
        )
        if len(fits) > 1:
            exact = [
                village
                for village in fits
                if names.area_key(place.village) in (village.name, village.short_name)
            ]
            fits = exact or fits
        answer[place] = fits[0] if len(fits) == 1 else None
    return answer


_WRITTEN = re.compile(
    r"(?:(?P<province>[^省]{2,8}?省))?(?:(?P<county>[^镇乡村]{1,8}?(?:县|区|旗)))?"
    r"(?:(?P<town>[^村]{1,10}?(?:镇|乡|街道)))?(?:(?P<village>.{1,12}?(?:村|社区)))?"
)


def place_in(text):
    """The Place that a line of text begins with: 綦江区篆塘镇白坪村2组 names county, town and village."""
    found = _WRITTEN.match(names.area_key(text))
    return Place(**{level: name or "" for level, name in found.groupdict().items()}) if found else Place()


def regions_of(places, by, *, within=""):
    """`{place: the narrowest Region found}`: the village, else the township, else the county; None for neither."""
    answer = villages_of(places, by, within=within)
    rows = Region.objects.visible_to(by, Permission.IMPORT)
    if within:
        rows = rows.within(within)
    left = [place for place, village in answer.items() if village is None]
    towns, counties = {}, {}
    keys = {names.town_key(place.town) for place in left if place.town}
    for town in rows.filter(level=Level.TOWNSHIP, key__in=keys).select_related("parent").order_by("path"):
        towns.setdefault(town.key, []).append(town)
    keys = {names.area_key(place.county) for place in left if place.county}
    for county in rows.filter(level=Level.COUNTY, key__in=keys).order_by("path"):
        counties.setdefault(county.key, []).append(county)
    for place in left:
        fits = [
            town for town in towns.get(names.town_key(place.town), [])
            if not place.county or same(place.county, town.parent.key)
        ] if place.town else counties.get(names.area_key(place.county), [])  # fmt: skip
        answer[place] = fits[0] if len(fits) == 1 else None
    return answer
