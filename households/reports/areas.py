"""What the summaries by place share: the places that make the lines, and the figures of `households.stats` in them.

Today's figures are the kept counts of the dashboard; a past data year is counted anew as of its last day
(`households.asof`). Either way a figure means the same condition.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import replace
from operator import itemgetter
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Substr
from django.http import QueryDict

from fupin.accounts.roles import Permission as P
from fupin.excel.reports import OF_WHICH, Column, Found, region_of, share
from fupin.excel.sheet import Kind
from fupin.regions.models import WIDTHS, Level, Region
from households import asof, stats
from households.indicators import figures
from households.models import AreaGroup, VillageProfile
from households.models.area_group import holds
from households.reports.rows import filtered, is_past, owners

WIDTH_BELOW = {0: 2, 2: 4, 4: 6, 6: 9, 9: 12, 12: 14, 14: 14}
OWN = ("region", "year")
"""The parameters that every report takes."""
PREVIEWED = 1000
"""Households that a preview counts one by one, about."""
UNPLACED = "（未分到下级）"


TOGETHER = defaultdict(list)
"""`{conditions that the report opens with, None of one without a list: figures}` of `Area.grouped` of all reports: while a
year is kept they are counted in one pass."""


def _asked_with(asked):
    """The conditions of the query, as a query."""
    return urlencode({name: value for name, value in asked.query.items() if value and name not in OWN})


class Area:
    """The place of a report and its lines: the children of `region`, those without households too."""

    def __init__(self, asked):
        self.asked, self.shared = asked, asked.shared
        self.region = self._known() or region_of(asked)
        self.groups = []
        """The 片区分组 that the report lists below its lines, once `with_groups` read them."""
        self.left = 0
        """Lines that a preview leaves out."""
        held = asked.user.paths(P.HOUSEHOLD_VIEW)
        if self.region is None or not any(self.region.path.startswith(path) for path in held):
            self.region, self.path, self.width, self.names = None, "", 2, {}
            return
        self.path = self.region.path
        self.width = WIDTH_BELOW[len(self.path)]
        if self.shared and self.path.startswith(self.shared.path):
            self.names = dict(self._tree()[1].get(self.path, ()))
        else:
            rows = Region.objects.children(self.path).filter(valid_to=None)
            self.names = dict(rows.values_list("path", "short_name"))
        if self.region.level == Level.GROUP:
            self.names = {self.path: self.region.short_name}

    # Where a year is kept, what every place asks of the same households is read once for the county.

    def _tree(self):
        """`({path: Region}, {path: [(path, name) of its children]})` of the county whose year is kept."""

        def read():
            regions, children = {}, defaultdict(list)
            for one in (
                Region.objects.all().within(self.shared.path).select_related("parent").order_by("path")
            ):
                regions[one.path] = one
                if one.valid_to is None:
                    children[one.parent.path].append((one.path, one.short_name))
            return regions, children

        return self.shared.of("areas.tree", read, lasting=True)

    def _known(self):
        path = self.asked.query.get("region", "") if self.shared else ""
        held = any(path.startswith(own) for own in self.asked.user.paths(P.REPORT_EXPORT)) if path else False
        return self._tree()[0].get(path) if held else None

    def once(self, key, read, *, lasting=False):
        """What `read()` gives of the whole county, where its year is kept and this is one of its places; None elsewhere."""
        if self.shared is None or self.region is None or not self.path.startswith(self.shared.path):
            return None
        if self.path != self.shared.path and not self.shared.knows(key):
            return None  # the county comes first; without it everything is read for each place
        return self.shared.of(key, read, lasting=lasting)

    def cut(self, ordered):
        """The part of a list of `(path, ...)` in order of path that lies in the place."""
        low = bisect_left(ordered, self.path, key=itemgetter(0))
        return ordered[low : bisect_right(ordered, self.path.ljust(14, "~"), key=itemgetter(0))]

    def figures(self, keys):
        """`{path of a line: {key: [户, 人]}}`."""
        if self.region is None:
            return {}
        every = self.once("areas.figures", self._figures, lasting=True)
        if every is None:
            return self._counted(keys)
        found = {}
        for path, own in self.cut(every):
            line = found.setdefault(self.place(path), {key: [0, 0] for key in keys})
            for key in keys:
                if pair := own.get(key):
                    line[key][0] += pair[0]
                    line[key][1] += pair[1]
        return found

    def _figures(self):
        """`[(group, {key: [户, 人]})]` of everything that is known of the day."""
        if not is_past(self.asked):
            day = stats.Day.of(self.asked.today)
            return sorted(stats.count([self.path], day, 14).items())
        keys = [one.key for one in stats.COUNTED if asof.knows(one.key, self.asked.as_of)]
        return sorted(asof.count(self.path, self.asked.as_of, 14, keys).items())

    def _counted(self, keys):
        if is_past(self.asked):
            return asof.count(self.path, self.asked.as_of, self.width, keys)
        if len(self.path) >= 12:
            day = stats.Day.of(self.asked.today)
            return stats.count([self.path], day, self.width)
        return stats.figures_of(self.path, today=self.asked.today)[1]

    def grouped(self, texts, **among):
        """`{path of a line: {text: value}}` of figures of the registry. They are counted from the households: a preview of
        many counts the first places only, as many as hold PREVIEWED, and says so by `left`."""

        if (every := self.once("areas.grouped", self._together, lasting=True)) is not None:
            counting, held = every
            sums, parts = {}, counting.parts(texts)
            for path, values in self.cut(held[_asked_with(self.asked) if among else None]):
                for line in self._lines_at(path):
                    line = sums.setdefault(line, {})
                    for text in parts:
                        if (value := values.get(text)) is not None:
                            line[text] = line.get(text, 0) + value
            return counting.values(sums, texts)
        paths = self._first() if self.asked.first and self.region and len(self.path) < 12 else [self.path]
        found = {}
        for path in paths:
            found |= figures.grouped(self.asked, texts, path, self._lines_at, **among)
        return found

    def _lines_at(self, path):
        """The lines that a household at `path` counts in: that of its place, and those of the groups (by `label`)."""
        return [self.place(path), *(group.label for group in self.groups if holds(group.held, path))]

    @property
    def is_counted(self):
        """Whether `grouped` is known from the county whose year is kept: the households of the list are not asked again."""
        known = self.shared is not None and self.region is not None and self.path != self.shared.path
        return known and self.path.startswith(self.shared.path) and self.shared.knows("areas.grouped")

    def _together(self):
        """`(Grouped, {conditions: [(group, sums)]})`: everything that reports count household by household, in one pass."""
        counting = figures.Grouped(
            self.asked, list(dict.fromkeys(text for texts in TOGETHER.values() for text in texts))
        )
        keys = {None: None}
        for start in TOGETHER.keys() - {None}:
            for conditions in ("", start):
                query = QueryDict(f"{conditions}&region={self.path}")
                keys[conditions] = owners(replace(self.asked, query=query))
        sums = {conditions: {} for conditions in keys}

        def of(home):
            path, pk = home.row["region_path"][:14], home.row["id"]
            return [sums[name].setdefault(path, {}) for name, own in keys.items() if own is None or pk in own]

        counting.read(self.path, of)
        return counting, {conditions: sorted(held.items()) for conditions, held in sums.items()}

    def _first(self):
        sizes = {
            path: own["all"][0]
            for path, own in stats.figures_of(self.path, today=self.asked.today)[1].items()
            if own
        }
        if sum(sizes.values()) <= PREVIEWED:
            return [self.path]
        chosen, count = [], 0
        for path in sorted(self.names):
            count += sizes.get(path, 0)
            if chosen and count > PREVIEWED:
                break
            chosen.append(path)
        self.left = len(self.names) - len(chosen)
        self.names = {path: self.names[path] for path in chosen}
        return chosen

    def rows(self):
        """Households of the place in the book on the day of the report, as the list would count them."""
        return filtered(self.asked).qs.within(self.path)

    def with_groups(self):
        """Let `grouped` count the groups of areas of the county too that lie in the place and are not all of it, the wider
        before those within. Each gets a `label` ("其中：25个欠发达乡镇")."""
        if self.region is None or len(self.path) not in (WIDTHS[Level.COUNTY], WIDTHS[Level.TOWNSHIP]):
            return
        depths = {}
        for group in AreaGroup.objects.in_force(self.path[:6], self.asked.year):
            group.held = {path for path in group.paths if path.startswith(self.path) and path != self.path}
            above = depths.get(group.within_id, 0)
            depths[group.pk] = above + bool(group.held)
            if group.held:
                group.label = "　" * above + f"{OF_WHICH}{group.name}"
                self.groups.append(group)

    def place(self, path):
        """The line that a household at `path` belongs to."""
        return path[: self.width]

    def lines(self, found):
        """`(name, path)` of the lines in order: every child, and what is left over under a name of its own."""
        named = {group.label for group in self.groups}
        for path in sorted({*self.names, *found} - named):
            yield self.names.get(path, UNPLACED), path


def only_places(asked):
    """A summary is of a place and a year. ValidationError for any other condition: it would be left out unseen."""
    extra = sorted(name for name, value in asked.query.items() if value and name not in OWN)
    if extra:
        raise ValidationError("汇总表按区域和年度统计，不带列表的筛选条件。请从报表目录重新打开这张表。")


def source(note, make):
    """A report's source: `make(area, asked)` gives its lines as dicts."""

    def found(asked):
        only_places(asked)
        area = Area(asked)
        rows = list(make(area, asked)) if area.region else []
        said = note.format(day=asked.as_of, year=asked.year)
        if unsure := [group.name for group in area.groups if not group.confirmed]:
            said = said.rstrip("。") + f"；{'、'.join(unsure)}的名单由县里填写，待核实"
        lines = sum(not row.get("part") for row in rows)
        return Found(lines + area.left, lambda size: (row for row in rows), [], said, bool(area.left))

    return found


def board(columns, *, figure=False):
    """`Report.agrees`: the sums of `columns` (`{header: "h|figure" or "p|figure"}`) are the figures of the place itself, as
    its own row of kept counts has them. Of a past day, a place without such a row, and a list under conditions nothing
    is kept; with `figure` the list's one condition is added to each."""

    def expected(asked):
        area = Area(asked)
        if area.region is None or is_past(asked) or len(area.path) not in stats.KEPT_WIDTHS:
            return {}
        conditions = {name: value for name, value in asked.query.items() if value and name not in OWN}
        narrow = conditions.pop("figure", "") if figure else ""
        if conditions or narrow not in ("", *stats.BY_KEY):
            return {}
        if narrow not in ("", "all"):
            columns_asked = {header: f"{text}{narrow}" for header, text in columns.items() if text[2:] == ""}
        else:
            columns_asked = columns
        found = figures.measured(asked, list(columns_asked.values()), [area.path])[area.path]
        return {header: found[text] for header, text in columns_asked.items()}

    return expected


def pairs(counted, keys):
    """The row of a place: `KEY:h` and `KEY:p` for each figure."""
    row = {}
    for key in keys:
        row[f"{key}:h"], row[f"{key}:p"] = counted.get(key, (0, 0))
    return row


def pair(title, key):
    """The two columns of a figure, 户 and 人."""
    return (
        Column((title, "户"), f"{key}:h", Kind.COUNT, 7, total=True),
        Column((title, "人"), f"{key}:p", Kind.COUNT, 7, total=True),
    )


def triple(title, key, whole):
    """户, 人 and the share of the households in the column `whole`."""
    return (
        Column((title, "户"), f"{key}:h", Kind.COUNT, 6, total=True),
        Column((title, "人"), f"{key}:p", Kind.COUNT, 6, total=True),
        Column((title, "占比"), f"{key}:s", Kind.RATE, 7.5, share=(f"{title}/户", whole)),
    )


def shares(row, keys, whole):
    """Add the shares that `triple` prints."""
    for key in keys:
        row[f"{key}:s"] = share(row[f"{key}:h"], row[whole])
    return row


def profiles(area, year):
    """`{line: [the newest profile of each village not after the year]}`."""
    newer = (
        VillageProfile.objects.unscoped("hanging")
        .filter(region=OuterRef("region"), year__lte=year)
        .order_by("-year")
    )
    rows = area.asked.visible(VillageProfile.objects.unscoped("hanging").all()).within(area.path)
    rows = rows.filter(pk=Subquery(newer.values("pk")[:1])).select_related("region").order_by("region_path")
    found = defaultdict(list)
    for row in rows:
        found[area.place(row.region_path)].append(row)
    return found


def _lived(area):
    """The villages in which households of the place live."""
    rows = (
        area.rows()
        .order_by()
        .annotate(village=Substr("region_path", 1, 12))
        .values_list("village", flat=True)
    )
    return {path for path in rows.distinct() if len(path) == 12}


def populations(area, year):
    """`{line: [population of each of its villages]}`, None of a village that does not say it: those that have
    households and no profile, too."""

    def read():
        told = {row.region_path: row.population for rows in profiles(area, year).values() for row in rows}
        return [(village, told.get(village)) for village in sorted(_lived(area) | set(told))]

    every = area.once("areas.populations", read)
    found = defaultdict(list)
    for village, population in read() if every is None else area.cut(every):
        found[area.place(village)].append(population)
    return found
