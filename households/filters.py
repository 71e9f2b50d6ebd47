"""What the household list can be narrowed by. The same FilterSet serves the list, the neighbours on the detail
page, the reports and the figures of the board: one query string, one set of rows.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Max, Q, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.utils.functional import cached_property

from fupin.accounts.pii import mask_id, mask_phone
from fupin.accounts.roles import Permission as P
from fupin.paging import Key
from fupin.regions.models import PATH_WIDTH, WIDTHS, Level, Region, Unindexed, span
from fupin.schedule import SOON_DAYS, Standing, standing_q
from households import codes, idcard, lifecycle, quota, search, stats
from households.models import ASSISTED, Doubt, Household, Member, Pairing, StatusChange
from households.models.area_group import places_of

SESSION_KEY = "household_search"
"""Where the server keeps the one ID number or phone searched for: it never stands in a URL."""

COUNTY = WIDTHS[Level.COUNTY]

KINDS = [(code, label) for code, label in codes.RegistryStatus.choices if code != "9"] + [
    (f"m{code}", label) for code, label in codes.MonitorCategory.choices if code != "0"
]
TARGETS = [("over", "已超期"), ("soon", "60 天内到期"), ("ok", "正常"), ("none", "未设时限")]
VISITS = [("over", "走访逾期"), ("due", "本期待走访"), ("soon", "7 天内到期"), ("never", "从未走访")] + [
    (str(days), f"{days} 天以上未走访") for days in (30, 60, 90, 180)
]
INCOMES = [("below", "低于标准线"), ("above", "达到标准线"), ("none", "未填收入")]


def private_kind(term):
    """Which kind of personal number `term` looks like: "id", "phone", "tail" (the last four), or ""."""
    text = idcard.normalise(term)
    if re.fullmatch(r"\d{15}|\d{17}[\dX]|\d{20}|\d{22}", text):
        return "id"
    if re.fullmatch(r"1\d{10}|0\d{9,11}", text):
        return "phone"
    return "tail" if re.fullmatch(r"\d{3}[\dX]", text) else ""


def masked_term(term):
    """A searched number as the chip and the trail show it."""
    kind, text = private_kind(term), idcard.normalise(term)
    return mask_id(text) if kind == "id" else mask_phone(text) if kind == "phone" else "末四位 " + text


def private_q(term, user):
    """Households in `user`'s reach of personal numbers that hold the ID number, its last four, or the phone
    `term`: exact matches only. The members are read first, through their own index."""
    kind, text = private_kind(term), idcard.normalise(term)
    members = Member.objects.visible_to(user, P.PII_SEARCH)
    if kind == "phone":
        held = members.filter(phone=text)
        return Q(pk__in=held.values("household")) | Q(phone=text)
    if kind == "id":
        number = idcard.complete(text) if len(text) == 15 else text[:18]
        return Q(pk__in=members.filter(id_number=number).values("household"))
    marks = Member._meta.get_field("id_tail").marks_in(text, counties_of(user))
    return Q(pk__in=members.filter(id_tail__in=marks).values("household")) | Q(number__startswith=text)


def counties_of(user):
    """The counties (six digits) in which `user` may search for personal numbers: endings are marked by county."""
    paths = user.paths(P.PII_SEARCH)
    if user.may_by_pairing(P.PII_SEARCH):
        paired = Pairing.objects.unscoped("own rows").current().filter(helper__user=user)
        paths += paired.order_by().values_list("region_path", flat=True).distinct()
    wide = [path for path in paths if len(path) < COUNTY]
    found = {path[:COUNTY] for path in paths if len(path) >= COUNTY}
    if wide:
        rows = Region.objects.filter(Region.objects.in_paths(wide), level=Level.COUNTY)
        found.update(rows.order_by().values_list("path", flat=True))
    return found


COMPARED = {
    "": Exact,
    "isnull": IsNull,
    "gte": GreaterThanOrEqual,
    "gt": GreaterThan,
    "lte": LessThanOrEqual,
    "lt": LessThan,
    "in": In,
}


def walked(condition):
    """`condition` for a list of which many rows meet it: its columns are looked up in no index, so that the index of the
    list's order is read until the page is full. SQLite would sort all that a range of another one holds."""
    if connection.vendor != "sqlite":
        return condition
    made = Q(_connector=condition.connector)
    made.negated = condition.negated
    made.children = [
        walked(one) if isinstance(one, Q) else _unindexed(*one) if isinstance(one, tuple) else one
        for one in condition.children
    ]
    return made


def _unindexed(name, value):
    field, _, lookup = name.partition("__")
    if lookup not in COMPARED or field not in COLUMNS:
        return name, value
    if lookup == "isnull" or value is None:
        return IsNull(Unindexed(F(field)), value is None or value)
    if isinstance(
        COLUMNS[field], models.DecimalField
    ):  # a column with a plus is no number to SQLite beside a text
        value = Value(float(value), models.FloatField())
    return COMPARED[lookup](Unindexed(F(field)), value)


COLUMNS = {field.name: field for field in Household._meta.concrete_fields}


class Conditioned:
    """A filter whose `condition(value, filterset)` says what a value means as a Q."""

    def filter(self, rows, value):
        if not value:
            return rows
        condition = self.condition(value, self.parent)
        return rows.filter(walked(condition) if self.parent.walked else condition)

    def words(self, value):
        return dict(self.options)[value]


class Choice(Conditioned, filters.ChoiceFilter):
    """One value out of a table."""

    def __init__(self, label, choices, condition, **options):
        super().__init__(label=label, choices=choices, **options)
        self.options, self.condition = choices, condition


class OfMany(Conditioned, filters.CharFilter):
    """One value out of so many that a form would copy them longer than the list takes to be drawn."""

    def __init__(self, label, choices, condition):
        self.options, self.condition, held = choices, condition, {value for value, _ in choices}

        def known(value):
            if value not in held:
                raise ValidationError("没有这一项。")

        super().__init__(label=label, validators=[known])


class Number(filters.NumberFilter):
    def filter(self, rows, value):
        if value is None:
            return rows
        condition = Q(**{f"{self.field_name}__{self.lookup_expr}": value})
        return rows.filter(walked(condition) if self.parent.walked else condition)

    def words(self, value):
        return f"{value:,} 元"


class Day(filters.DateFilter):
    def words(self, value):
        return str(value)


class Behind(filters.NumberFilter):
    def words(self, value):
        return f"{value:,} 户"


def placed_q(paths):
    """Households at any of `paths`, told row by row."""
    column, found = Unindexed(F("region_path")), Q(pk__in=[])
    for first, last in map(span, paths):
        found |= Q(GreaterThanOrEqual(column, first), LessThanOrEqual(column, last))
    return found


DAY_BY_DAY = 31
"""Days up to which a period is asked for as a list of its days."""


def late_in(since, until):
    """Assisted households whose target date went by in the period: late since one of its days. Of a short period day by
    day: an index on day and place then reads those of the place alone."""
    first = since - timedelta(1)
    days = (until - first).days
    if days > DAY_BY_DAY:
        return Q(target_due__gte=first, target_due__lt=until)
    return Q(target_due__in=[first + timedelta(n) for n in range(days)])


def _changed(step, since, until):
    if not since or not until:
        return Q(pk__in=[])
    if step == "late":
        return late_in(since, until)
    # the changes of the period are few: found by their day, not asked for household by household
    taken = StatusChange.objects.filter(step=step, on__gte=since, on__lte=until, household__gt=0)
    return Q(pk__in=taken.order_by().values("household"))


def _one(name):
    return lambda value, _: Q(**{name: value})


def _kind(value, _):
    if value.startswith("m"):
        return Q(monitor_category=value[1:])
    return Q(monitor_category="0", registry_status=value)


def _target(value, found):
    return ASSISTED & standing_q(
        "target_end", found.day.today, Standing(value), soon=SOON_DAYS["household"], done=Q(pk__in=[])
    )


def _visit(value, found):
    today = found.day.today
    if value == "never":
        return Q(last_visit_on=None)
    if value == "over":
        return stats.condition("visit-over", found.day)
    if value in ("due", "soon"):
        return quota.due_q(today) if value == "due" else quota.soon_q(today)
    return Q(last_visit_on=None) | Q(last_visit_on__lt=today - timedelta(int(value)))


def _income(value, found):
    if value == "none":
        return Q(per_capita=None)
    below = found.day.below
    return below if value == "below" else Q(per_capita__isnull=False) & ~below


class HouseholdFilter(filters.FilterSet):
    """`HouseholdFilter(data, rows, user=, day=, private=)`; `private` is the number kept in the session.

    `rows` came through `visible_to`. Closed households are left out unless asked for by status.
    """

    q = filters.CharFilter(label="关键字", method="search")
    region = filters.CharFilter(label="区域", method="within")
    group = filters.CharFilter(label="片区", method="of_group")
    figure = OfMany(
        "指标",
        [(figure.key, figure.label) for figure in stats.BY_KEY.values()],
        lambda value, found: stats.condition(value, found.day),
    )
    kind = Choice("户类型", KINDS, _kind)
    cause = Choice(
        "致贫原因",
        [*codes.Cause.choices, ("none", "未填")],
        lambda value, _: Q(main_cause="" if value == "none" else value),
    )
    visited = Choice("走访", VISITS, _visit)
    target = Choice("时限", TARGETS, _target)
    status = Choice("建档立卡状态", codes.RegistryStatus.choices, _one("registry_status"))
    monitor = Choice(
        "监测类别",
        [("any", "全部监测对象")] + [pair for pair in codes.MonitorCategory.choices if pair[0] != "0"],
        lambda value, _: ~Q(monitor_category="0") if value == "any" else Q(monitor_category=value),
    )
    risk = Choice(
        "风险状态", [pair for pair in codes.RiskState.choices if pair[0] != "0"], _one("risk_state")
    )
    guarantee = Choice(
        "兜底保障",
        [("dibao", "低保"), ("tekun", "特困供养"), ("any", "低保或特困"), ("no", "都不是")],
        lambda value, _: {
            "dibao": Q(dibao=True),
            "tekun": Q(tekun=True),
            "any": Q(dibao=True) | Q(tekun=True),
            "no": Q(dibao=False, tekun=False),
        }[value],
    )
    pairing = Choice(
        "结对",
        [("yes", "已落实责任人"), ("no", "未落实责任人")],
        lambda value, _: Q(helper__isnull=value == "no"),
    )
    helper = filters.CharFilter(label="责任人", method="helped_by")
    income = Choice("收入对标准线", INCOMES, _income)
    income_min = Number(label="人均收入不低于", field_name="per_capita", lookup_expr="gte", min_value=0)
    income_max = Number(label="人均收入低于", field_name="per_capita", lookup_expr="lt", min_value=0)
    assisted = Choice("在帮扶", [("1", "只看在帮扶")], lambda value, _: ASSISTED)
    doubts = Choice("有数据疑点", [("1", "只看有疑点")], lambda value, _: Q(doubts__gt=0))
    rule = filters.CharFilter(label="疑点规则", method="by_rule")
    since = Day(label="从", method="as_it_is")
    until = Day(label="至", method="as_it_is")
    changed = Choice(
        "期间变化", [*lifecycle.LABELS.items(), ("late", "新超过时限")],
        lambda value, found: _changed(value, *map(found.form.cleaned_data.get, ("since", "until"))),
    )  # fmt: skip
    behind = Behind(label="按时限先后轮不到的", method="last_in_line", min_value=1)

    class Meta:
        model = Household
        fields = []

    def __init__(self, data, queryset, *, user, day, private=None):
        # Only what the query string asks for is copied and validated: twenty filters with their tables of choices
        # would cost as much as drawing the rows.
        self.base_filters = {name: one for name, one in type(self).base_filters.items() if data.get(name)}
        super().__init__(data, queryset)
        self.user, self.day = user, day
        self.walked = False
        """Whether many rows meet the conditions of a list in the order of the place (`walked`)."""
        self.private = private if private and user.may(P.PII_SEARCH) else None

    def filter_queryset(self, queryset):
        values = self.form.cleaned_data
        if values.get("status") != codes.RegistryStatus.CLOSED and not values.get("changed"):
            queryset = queryset.active()
        queryset = super().filter_queryset(queryset)
        if "token_place" in queryset.query.annotations:
            queryset = queryset.filter(self._token_places(values.get("region")))
        if self.data.get("found"):
            queryset = (
                queryset.filter(private_q(self.private["term"], self.user))
                if self.is_found
                else queryset.none()
            )
        return queryset

    @property
    def is_found(self):
        """Whether the number that the URL refers to is still the one kept in the session."""
        return bool(self.private) and self.data.get("found") == self.private["key"]

    def _token_places(self, region):
        """The reach of the rows once more, on the token's own copy of the place: it narrows the index range."""
        paths = [region] if region else self.user.paths(P.HOUSEHOLD_VIEW)
        if not region and self.user.may_by_pairing(P.HOUSEHOLD_VIEW) or "" in paths:
            return Q()
        return Q(
            *(Q(token_place__gte=low, token_place__lte=high) for low, high in map(span, paths)),
            _connector=Q.OR,
        )

    def within(self, rows, name, value):
        if not value.isdecimal() or len(value) > PATH_WIDTH:
            return rows.none()
        return rows.within(value)

    def of_group(self, rows, name, value):
        """Rows in the places of a group of areas. Read in the order of the list until the page is full: ranges of two dozen
        places are no order of an index."""
        return rows.filter(placed_q(self.areas[1]))

    @cached_property
    def areas(self):
        """`(name, paths)` of the group of areas that narrows the list, ("", []) where none does."""
        return places_of((self.data.get("group") or "").strip())

    def search(self, rows, name, value):
        if private_kind(value) in ("id", "phone"):  # such a number does not belong in a URL
            return rows.none()
        if any(character.isdecimal() for character in value):
            return rows.filter(number__startswith=value.upper())
        return search.named(rows, value)

    def as_it_is(self, rows, name, value):
        """A bound of `changed`, no condition of its own."""
        return rows

    def last_in_line(self, rows, name, value):
        """Of `rows`, the last so many in order of their target dates: who is not reached in time. Declared last, so that
        every other condition has been applied."""
        line = rows.order_by("-target_end", "-region_path", "-pk")
        return rows.filter(pk__in=line.values("pk")[: int(value)])

    def by_rule(self, rows, name, value):
        found = Doubt.objects.unscoped("hanging").filter(rule=value, explained="")
        return rows.filter(pk__in=found.order_by().values("household"))

    def helped_by(self, rows, name, value):
        if value == "me":
            return rows.filter(Household.objects.paired_with(self.user))
        if value.isdecimal():
            return rows.filter(helper=value)
        return rows.filter(helper__name__startswith=value)


@dataclass(frozen=True)
class Control:
    """One field of the filter bar, ready to draw."""

    name: str
    label: str
    value: str
    options: list = field(default_factory=list)


QUICK = ("kind", "cause", "visited", "target", "income")
MORE = (
    "status", "monitor", "risk", "guarantee", "pairing", "helper", "assisted", "doubts", "income_min", "income_max",
)  # fmt: skip


def controls(names, data):
    """The controls called `names` with what the URL says now."""
    base = HouseholdFilter.base_filters
    return [
        Control(name, base[name].label, data.get(name, ""), getattr(base[name], "options", []))
        for name in names
    ]


def chips(found, region_name):
    """`[(name, words)]` of the conditions in force, in the order of the filters; wrong ones say so."""
    made = []
    for name, value in found.form.cleaned_data.items():
        if value in (None, ""):
            continue
        made.append((name, f"{found.filters[name].label}：{_words(found, name, value, region_name)}"))
    made += [(name, f"{found.filters[name].label}：无效的条件") for name in found.form.errors]
    if found.data.get("found"):
        words = masked_term(found.private["term"]) if found.is_found else "已失效，请重新查找"
        made.append(("found", f"证件号码或电话：{words}"))
    return made


def _words(found, name, value, region_name):
    if name == "region":
        return region_name or value
    if name == "group":
        return found.areas[0] or value
    if name == "helper":
        if value == "me":
            return "我"
        return (found.queryset.filter(helper=value).values_list("helper__name", flat=True).order_by().first() or value
                if value.isdecimal() else value)  # fmt: skip
    return found.filters[name].words(value) if hasattr(found.filters[name], "words") else value


SAME = {
    ("assisted", "1"): "assisted", ("doubts", "1"): "doubtful", ("visited", "over"): "visit-over",
    ("visited", "soon"): "visit-soon",
    ("target", "over"): "target-over", ("target", "soon"): "target-soon", ("target", "none"): "no-target",
    ("monitor", "any"): "monitored", ("guarantee", "dibao"): "dibao", ("guarantee", "tekun"): "tekun",
    ("guarantee", "any"): "secured",
    ("income", "below"): "income-below", ("income", "none"): "income-none",
    **{("monitor", code): f"monitor-{code}" for code in codes.MonitorCategory.values if code != "0"},
    **{("kind", f"m{code}"): f"monitor-{code}" for code in codes.MonitorCategory.values if code != "0"},
    ("kind", "0"): "kind-0", ("kind", "3"): "kind-3",
    ("risk", "2"): "risk-cleared",
    ("status", "0"): "ordinary", ("status", "1"): "poor", ("status", "2"): "leaving", ("status", "3"): "out",
    ("status", "4"): "relapsed",
}  # fmt: skip
"""Conditions of the filter bar that are those of a figure: the kept counts know how many rows meet one of them alone."""

BANDS = [f"income-{int(low)}" for low in stats.BANDS]
MADE_OF = {
    ("income", "above"): (("all",), ("income-below", "income-none")),
    ("guarantee", "no"): (("all",), ("secured",)),
    ("pairing", "yes"): (("helped",), ()),
    ("pairing", "no"): (("all",), ("helped",)),
    ("target", "ok"): (("assisted",), ("target-over", "target-soon", "no-target")),
    **{("income_min", low): (BANDS[n:], ()) for n, low in enumerate(stats.BANDS)},
    **{("income_max", low): (BANDS[:n], ()) for n, low in enumerate(stats.BANDS) if n},
}
"""Conditions whose rows are those of some figures without those of others, none of which overlap."""


def figure_behind(found):
    """The figure whose rows the list shows, "" where none is: nothing but the place (and the group of areas) and one
    condition may narrow it."""
    name, value = _alone(found)
    if name == "figure":
        return value
    if name == "rule":
        return f"{stats.RULE}{value}"
    return "all" if name == "" else SAME.get((name, value), "")


def made_of(found):
    """`(figures, figures)`: the total of the list is the sum of the kept counts of the former less that of the latter. None
    where it is not known from them."""
    key = figure_behind(found)
    return ((key,), ()) if key else MADE_OF.get(_alone(found))


def _alone(found):
    """`(name, value)` of the one condition beside the place, ("", "") without any; (None, None) of several."""
    held = {name: value for name, value in found.form.cleaned_data.items() if value not in (None, "")}
    held.pop("region", None)
    held.pop("group", None)
    if found.form.errors or found.data.get("found") or len(held) > 1:
        return None, None
    return held.popitem() if held else ("", "")


def ensure_clean(found):
    """Raise ValidationError with the messages of the wrong conditions; for reports, which must not guess."""
    if found.form.errors:
        raise ValidationError([message for messages in found.form.errors.values() for message in messages])


PLACE = (Key("region_path"), Key("id"))
SORTS = {
    "place": ("村组", PLACE),
    "target": ("时限", (Key("target_end"), *PLACE)),
    "visit": ("最近走访", (Key("last_visit_on", nulls_first=True), *PLACE)),
    "income": ("人均收入", (Key("per_capita"), *PLACE)),
    "size": ("人口", (Key("size", descending=True), *PLACE)),
}
TOKEN_PLACE = (Key("region_path", at="token_place"), Key("id", at="token_household"))


def walks(params):
    """Whether the list that a query string asks for is best read in its own order until the page is full: where nothing
    but the place narrows it, or a condition that many rows meet. What few meet is found by its own index and sorted."""
    narrowed = {name for name in HouseholdFilter.base_filters if params.get(name)} - {
        "region",
        "assisted",
        "doubts",
    }
    return params.get("sort", "place") in SORTS.keys() - {"place"} and not narrowed


MOST = 60
"""Persons of a household up to which sizes are named one by one."""


def of_each_size(rows):
    """`rows` for a list in order of size on SQLite, with the sizes named: those of one size lie in the order of the place, so
    that in each the place is found instead of reading past all others."""
    if connection.vendor != "sqlite":
        return rows
    most = Household.objects.unscoped("counts").aggregate(most=Max("size"))["most"] or 0
    return rows.filter(size__in=range(most + 1)).by_place() if most <= MOST else rows


def order_of(found):
    """The sort key that the query string asks for; place where it asks for nothing known."""
    sort = found.data.get("sort", "place")
    keys = SORTS.get(sort, SORTS["place"])[1]
    if keys is PLACE and "token_place" in found.qs.query.annotations:
        keys = TOKEN_PLACE
    return keys
