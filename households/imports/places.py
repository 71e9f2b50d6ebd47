"""Places as files name them, looked up in bulk inside the user's own posts."""

from dataclasses import dataclass

from fupin.accounts.roles import Permission
from fupin.regions import names
from fupin.regions.models import Level, Region


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
