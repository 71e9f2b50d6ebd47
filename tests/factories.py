"""Invented people and places for tests. Every factory makes the smallest valid row and takes overrides."""

from datetime import date
from itertools import count

from fupin.accounts.models import Post, User
from fupin.accounts.roles import Role
from fupin.regions.models import WIDTHS, Region, key_for

serial = count(1)
NAMES = {0: "全国", 1: "测试省", 2: "测试市", 3: "测试县", 4: "测试镇", 5: "测试村", 6: "1组"}


def region(path="99010110020101"):
    """The place `path` (down to a group) with its ancestors, made as needed. 9901 is nobody's prefecture."""
    found = Region.objects.filter(path=path).first()
    if found:
        return found
    level = next(level for level, width in WIDTHS.items() if width == len(path))
    parent = region(path[: WIDTHS[level - 1]]) if level else None
    name = f"{NAMES[level]}{path[-2:]}" if level and level < 6 else NAMES[level]
    if level == 6:
        name = f"{int(path[-2:])}组"
    return Region.objects.create(
        path=path, level=level, name=name, short_name=name, key=key_for(level, name), parent=parent
    )


def user(role=Role.COUNTY_OFFICE, *, at="990101", **fields):
    """A user holding one post today."""
    n = next(serial)
    made = User.objects.create_user(f"user{n}", None, **({"name": f"用户{n}"} | fields))
    Post.objects.create(user=made, role=role, region=region(at), starts_on=date(2020, 1, 1))
    return made


def id_number(n, *, born="19700101", male=True):
    """An 18-digit number of region 990101 with a valid check digit, different for each `n` below 500."""
    body = f"990101{born}{(n % 500) * 2 + (1 if male else 0):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]
