"""The tree of places, and the base of every table whose rows belong to one."""

from django.db import models

from fupin.crypt.rows import SealedQuerySet
from fupin.regions import names

PATH_WIDTH = 14
"""Digits of the longest path: 12 official ones down to the village, 2 of ours for the group."""

WIDTHS = {0: 0, 1: 2, 2: 4, 3: 6, 4: 9, 5: 12, 6: 14}


class Level(models.IntegerChoices):
    COUNTRY = 0, "全国"
    PROVINCE = 1, "省"
    PREFECTURE = 2, "市"
    COUNTY = 3, "县"
    TOWNSHIP = 4, "乡镇"
    VILLAGE = 5, "村"
    GROUP = 6, "组"


def span(path):
    """The first and last path of the subtree under `path`, both included."""
    return path, path.ljust(PATH_WIDTH, "9")


def ancestors_of(path):
    """Paths from the province down to `path` itself: "513327100212" gives five."""
    return [path[:width] for width in WIDTHS.values() if 0 < width <= len(path)]


class RegionScopedQuerySet(SealedQuerySet):
    """Base for every table whose rows belong to a place. The table carries the path itself."""

    region_path = "region_path"
    permission = None
    """The permission (its name) that lets a post see these rows; set by the subclass."""

    def within(self, region):
        """Rows in `region` (a Region or a path) and below it."""
        return self.filter(self.in_paths([getattr(region, "path", region)]))

    def in_paths(self, paths):
        """A condition: rows under any of `paths`. A range, not LIKE: digits sort alike in every collation,
        so SQLite and PostgreSQL both use the plain index."""
        condition = models.Q(pk__in=[])
        for path in paths:
            if not path:
                return ~models.Q(pk__in=[])  # everything; an empty Q() would vanish in an `|`
            low, high = span(path)
            condition |= models.Q(**{f"{self.region_path}__gte": low, f"{self.region_path}__lte": high})
        return condition

    def visible_to(self, user, permission=None):
        """Rows this user may see (or do `permission` with) today. No post, no rows."""
        if not user.is_authenticated:
            return self.none()
        permission = permission or self.permission
        condition = self.in_paths(user.paths(permission))
        mine = self.paired_with(user)
        if mine is not None and user.may_by_pairing(permission):
            condition |= mine
        return self.filter(condition)

    def paired_with(self, user):
        """A condition for rows of the households paired with `user`, or None where pairing says nothing."""
        return


class RegionQuerySet(RegionScopedQuerySet):
    region_path = "path"

    def visible_to(self, user, permission=None):
        """Places inside the user's posts, whatever the posts allow there."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(self.in_paths(user.paths(permission)))

    def names(self, paths, *, parent=None):
        """`{path: shown name}` for the given paths and all their ancestors, in one query; also for the direct children
        of the place with the key `parent`."""
        wanted = models.Q(path__in={part for path in paths for part in ancestors_of(path)})
        if parent is not None:
            wanted |= models.Q(parent=parent)
        return dict(self.filter(wanted).order_by().values_list("path", "short_name"))

    def children(self, path):
        """Direct children of `path`, in order of code."""
        return self.filter(parent__path=path).order_by("path")


class Region(models.Model):
    """One node of the tree.

    `path` holds the significant digits only ("5133" is a prefecture, "" the country), so a subtree is a
    range of strings and needs no recursion. `code` is the published 12-digit form. Places are never deleted:
    a merged one gets `valid_to`, because old households and old files still name it.
    """

    path = models.CharField("区划代码", max_length=PATH_WIDTH, unique=True)
    level = models.PositiveSmallIntegerField("级别", choices=Level)
    name = models.CharField("全称", max_length=60)
    short_name = models.CharField("名称", max_length=60)
    key = models.CharField("比对名", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subregions", verbose_name="上级"
    )
    valid_to = models.DateField("撤并日期", null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["path"]
        indexes = [models.Index(fields=["parent", "key"], name="region_parent_key")]

    def __str__(self):
        return self.short_name

    @property
    def code(self):
        """The published form: 12 digits, a group shares its village's."""
        return self.path[:12].ljust(12, "0")


def key_for(level, name):
    """The comparison key of a place's name, by its level."""
    if level == Level.GROUP:
        return names.group_key(name)
    if level == Level.VILLAGE:
        return names.village_key(name)
    if level == Level.TOWNSHIP:
        return names.town_key(name)
    return names.area_key(name)
