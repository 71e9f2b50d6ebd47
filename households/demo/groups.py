"""Groups of areas as a county keeps them: townships, and within them villages."""

from fupin.regions.models import Level, Region
from households.actions.area_groups import save_group
from households.demo.accounts import COUNTY, TOWN


def build(by):
    """Three townships that count together, of them some villages of the township with households."""
    towns = list(
        Region.objects.children(COUNTY).filter(level=Level.TOWNSHIP, valid_to=None).exclude(path=TOWN)[:2]
    )
    villages = Region.objects.children(TOWN).filter(level=Level.VILLAGE, valid_to=None)[:4]
    fields = {"first_year": None, "last_year": None, "source": "演示数据", "confirmed": False}
    paths = [TOWN, *(town.path for town in towns)]
    wide = save_group(
        county=COUNTY, fields=fields | {"name": f"{len(paths)}个欠发达乡镇", "sort": 10, "within": None}, places=paths, by=by,
    )  # fmt: skip
    save_group(
        county=COUNTY, fields=fields | {"name": f"{len(villages)}个重点扶持村", "sort": 20, "within": wide},
        places=[village.path for village in villages], by=by,
    )  # fmt: skip
