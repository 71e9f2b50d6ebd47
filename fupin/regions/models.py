"""The tree of places, and the base of every table whose rows belong to one."""

from functools import cache, reduce, wraps
from operator import or_

from django.db import connection, models
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from fupin.crypt.rows import SealedQuerySet
from fupin.prepared import several
from fupin.regions import names, scope

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


DOORS = ("visible_to", "editable_by", "fetchable_by")
"""Methods of a queryset that leave the rows of one user."""


class ScopedQuerySet(SealedQuerySet):
    """Base for every table whose rows somebody may see and somebody else may not. See `fupin.regions.scope`."""

    _scope = ""
    """Why these rows may be read: "visible_to", or the name of an exception."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in DOORS:
            if door := cls.__dict__.get(name):
                setattr(cls, name, _through(door))

    def unscoped(self, name):
        """These rows past everybody's scope, for the reason called `name` in `scope.EXCEPTIONS`."""
        return self._marked(scope._known(name))

    def _marked(self, why):
        rows = self._chain()
        rows._scope = why
        return rows

    def _clone(self):
        rows = super()._clone()
        rows._scope = self._scope
        return rows

    def __or__(self, other):
        rows = super().__or__(other)
        if rows is not self and rows is not other:
            rows._scope = self._scope and other._scope
        return rows

    def union(self, *others, **kwargs):
        rows = super().union(*others, **kwargs)
        rows._scope = self._scope if all(other._scope for other in others) else ""
        return rows

    def _fetch_all(self):
        if self._result_cache is None:
            scope.check(self)
        super()._fetch_all()

    def iterator(self, *args, **kwargs):
        scope.check(self)
        return super().iterator(*args, **kwargs)

    def count(self):
        scope.check(self)
        return super().count()

    def exists(self):
        scope.check(self)
        return super().exists()

    def aggregate(self, *args, **kwargs):
        scope.check(self)
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs):
        scope.check(self)
        return super().update(**kwargs)

    def delete(self):
        scope.check(self)
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True
    update.alters_data = True

    def bulk_update(self, objs, *args, **kwargs):
        """The rows are at hand: whoever read them had a scope."""
        with scope.without("same row"):
            return super().bulk_update(objs, *args, **kwargs)

    bulk_update.alters_data = True


def _through(door):
    @wraps(door)
    def narrowed(self, *args, **kwargs):
        return door(self, *args, **kwargs)._marked(door.__name__)

    return narrowed


class UniqueAnywhere(models.Model):
    """What must be unique is so among all rows, also those that the user who saves does not see."""

    class Meta:
        abstract = True

    def validate_unique(self, exclude=None):
        with scope.without("unique"):
            super().validate_unique(exclude)

    def validate_constraints(self, exclude=None):
        with scope.without("unique"):
            super().validate_constraints(exclude)

    def _get_field_expression_map(self, meta, exclude=None):
        """What Django puts into the query that judges a constraint: each column of the row, of which a constraint names
        two or three. The others cost more than the judging."""
        named = _constrained(meta.model)
        known = super()._get_field_expression_map(meta, exclude)
        return {name: value for name, value in known.items() if name in named}


@cache
def _constrained(model):
    """Names of the columns that the constraints of `model` speak of."""
    found = {"pk", model._meta.pk.name}
    for constraint in model._meta.constraints:
        if getattr(constraint, "expressions", ()):
            return {field.name for field in model._meta.fields} | found
        if constraint.condition:
            found |= models.Q(constraint.condition).referenced_base_fields
    return found


class Unindexed(models.Func):
    """A column as SQLite looks it up in no index. PostgreSQL knows by its statistics which index pays."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class RegionScopedQuerySet(ScopedQuerySet):
    """Base for every table whose rows belong to a place. The table carries the path itself."""

    region_path = "region_path"
    permission = None
    """The permission (its name) that lets a post see these rows; set by the subclass."""
    _walking = False
    _narrowest = ""
    """The narrowest one place in which all rows lie, as far as is known of those that walk."""

    def walking(self):
        """For a list in order of something else than the place (dates, say), to be said before the rows are narrowed:
        the index of that order is read until the page is full. The rows of a county or more, sorted first, would cost
        what the county has; those of a township are few, and are found by their place."""
        rows = self._chain()
        rows._walking = True
        return rows

    def _clone(self):
        rows = super()._clone()
        rows._walking, rows._narrowest = self._walking, self._narrowest
        return rows

    def __or__(self, other):
        rows = super().__or__(other)
        rows._narrowest = ""
        return rows

    def within(self, region):
        """Rows in `region` (a Region or a path) and below it."""
        path = getattr(region, "path", region)
        return self.filter(self.in_paths([path]))._inside(path)

    def _inside(self, path):
        if self._walking and len(path) > len(self._narrowest):
            self._narrowest = path
        return self

    def by_place(self):
        """The same rows of a walking queryset, for a part of them in which the place is found after all: its range is said
        once more, for an index. A number of them, or those that lack what the list is in order of."""
        if not self._narrowest or connection.vendor != "sqlite":
            return self
        first, last = span(self._narrowest)
        return self.filter(**{f"{self.region_path}__gte": first, f"{self.region_path}__lte": last})

    def in_paths(self, paths):
        """A condition: rows under any of `paths`. A range, not LIKE: digits sort alike in every collation,
        so SQLite and PostgreSQL both use the plain index."""
        if not all(paths):
            return ~models.Q(pk__in=[])  # everything; an empty Q() would vanish in an `|`
        ranges = [self._range(path) for path in paths]
        return reduce(or_, ranges) if ranges else models.Q(pk__in=[])

    def _range(self, path):
        first, last = span(path)
        if self._walking and len(path) <= WIDTHS[Level.COUNTY]:
            column = Unindexed(models.F(self.region_path))
            return models.Q(GreaterThanOrEqual(column, first), LessThanOrEqual(column, last))
        return models.Q(**{f"{self.region_path}__gte": first, f"{self.region_path}__lte": last})

    def visible_to(self, user, permission=None):
        """Rows this user may see (or do `permission` with) today. No post, no rows."""
        if not user.is_authenticated:
            return self.none()
        permission = permission or self.permission
        condition = self.in_paths(user.paths(permission))
        mine = self.paired_with(user)
        if mine is not None and user.may_by_pairing(permission):
            return self.filter(condition | mine)
        paths = user.paths(permission)
        return self.filter(condition)._inside(paths[0] if len(paths) == 1 else "")

    def paired_with(self, user):
        """A condition for rows of the households paired with `user`, or None where pairing says nothing."""
        return


class RegionQuerySet(RegionScopedQuerySet):
    region_path = "path"
    _scope = "places"
    """The names of places are public; which of them a user works in is what `visible_to` says."""

    def visible_to(self, user, permission=None):
        """Places inside the user's posts, whatever the posts allow there."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(self.in_paths(user.paths(permission)))

    def names(self, paths, *, parent=None):
        """`{path: shown name}` for the given paths and all their ancestors, in one query; also for the direct children
        of the place with the key `parent`."""
        wanted = {part for path in paths for part in ancestors_of(path)}
        return dict(named(wanted) if parent is None else named_or_below(wanted, parent))

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


@several("paths")
def named(paths):
    """`(path, shown name)` of places."""
    return Region.objects.filter(path__in=paths).order_by().values_list("path", "short_name")


@several("paths")
def named_or_below(paths, parent):
    """`named`, and the direct children of the place with the key `parent`."""
    rows = Region.objects.filter(models.Q(path__in=paths) | models.Q(parent=parent))
    return rows.order_by().values_list("path", "short_name")
