"""V42: the figures of a village that must fit together, and those that must not be missing."""

from households import profile as figures
from households.checks.rules import Rule, digest
from households.models import RegionCount, VillageProfile

NEEDED = ("households", "population", "labour", "farmland")

SUMS = Rule(
    "V42", "W", "村级指标勾稽不平", "到村情档案核对并改正",
    stops="",
)  # fmt: skip


def findings(profile, counted):
    """`[(words, basis)]` of one VillageProfile; `counted` the kept figures of the village, or {}."""
    found = [(words, digest([words])) for words in figures.failed(profile)]
    missing = [figures.plain(name) for name in NEEDED if getattr(profile, name) is None]
    if missing:
        words = f"{'、'.join(missing)}未填"
        found.append((words, digest([words])))
    houses, water = (counted.get(key, (0, 0))[0] for key in ("unsafe-house", "unsafe-water"))
    if profile.households is not None and houses + water > profile.households:
        words = f"危房户{houses} + 饮水不安全户{water} > 总户数{profile.households}"
        found.append((words, digest([words])))
    return found


def newest(paths):
    """`[(profile, kept figures)]`: the newest profile of each of these villages (paths of 12 digits)."""
    rows = (
        VillageProfile.objects.unscoped("checks")
        .filter(region_path__in=paths)
        .order_by("region_path", "year", "pk")
    )
    profiles = {row.region_path: row for row in rows}
    counts = dict(
        RegionCount.objects.unscoped("checks")
        .filter(region_path__in=profiles)
        .order_by()
        .values_list("region_path", "figures")
    )
    return [(row, counts.get(path, {})) for path, row in profiles.items()]
