"""What the project list can be narrowed by. The same FilterSet serves the list, the reports and the figures."""

from dataclasses import dataclass, field

import django_filters as filters
from django.db.models import Exists, OuterRef, Q

from fupin.board.panels import group_known
from fupin.regions.models import PATH_WIDTH
from fupin.schedule import Standing
from projects import codes, stats
from projects.models import FundLine, Project, milestone_q, standing_q


class Choice(filters.ChoiceFilter):
    """One value out of a table; `condition(value, filterset)` says what it means as a Q."""

    def __init__(self, label, choices, condition, **options):
        super().__init__(label=label, choices=choices, **options)
        self.options, self.condition = choices, condition

    def filter(self, rows, value):
        return rows.filter(self.condition(value, self.parent)) if value else rows

    def words(self, value):
        return dict(self.options)[value]


CATEGORIES = [
    (code, name if len(code) == 2 else f"　{name}") for code, name in sorted(codes.CATEGORY_NAMES.items())
]
STANDINGS = [(s.value, s.label) for s in (Standing.OVER, Standing.RISK, Standing.SOON, Standing.OK, Standing.DONE, Standing.NONE)]  # fmt: skip


def responsible_q(user, prefix=""):
    """Projects whose 项目负责人 is `user`, by name: the pool's files know no accounts."""
    return Q(**{f"{prefix}manager": user.name}) if user is not None and user.name else Q(pk__in=[])


class ProjectFilter(filters.FilterSet):
    """`ProjectFilter(data, rows, today=, user=)`; `rows` came through `visible_to`. `user` is who 我负责的 means."""

    q = filters.CharFilter(label="关键字", method="search")
    region = filters.CharFilter(label="区域", method="within")
    group = filters.CharFilter(label="片区", method="of_group")
    own = Choice("范围", [("1", "仅本级（不落到下级的项目）")], lambda value, _: Q())
    category = Choice("项目类别", CATEGORIES, lambda value, _: Q(category__in=codes.category_codes(value)))
    state = Choice("项目状态", codes.State.choices, lambda value, _: Q(state=value))
    standing = Choice("时限", STANDINGS, lambda value, found: standing_q(value, found.today))
    source = Choice(
        "资金来源",
        codes.FundSource.choices,
        lambda value, _: Q(Exists(FundLine.objects.filter(project=OuterRef("pk"), source=value))),
    )
    mine = Choice("范围", [("1", "我负责的")], lambda value, found: responsible_q(found.user))
    year = filters.NumberFilter(label="年度", field_name="year", min_value=1949, max_value=2100)
    figure = Choice(
        "指标",
        [(figure.key, figure.label) for figure in stats.FIGURES],
        lambda value, found: stats.condition(value, found.today),
    )

    class Meta:
        model = Project
        fields = []

    def __init__(self, data, queryset, *, today, user=None):
        super().__init__(data, queryset)
        self.today, self.user = today, user

    def filter_queryset(self, queryset):
        values = self.form.cleaned_data
        found = super().filter_queryset(queryset)
        if values.get("own") and (values.get("region") or "").isdecimal():
            found = stats.own(found, values["region"])
        return found

    def within(self, rows, name, value):
        if not value.isdecimal() or len(value) > PATH_WIDTH:
            return rows.none()
        return rows.covering(value)

    def of_group(self, rows, name, value):
        group = group_known(value)
        return rows.filter(rows.touching(group.paths if group else []))

    def search(self, rows, name, value):
        value = value.strip()
        return rows.filter(
            Q(name__icontains=value)
            | Q(number__startswith=value)
            | Q(lead_unit__icontains=value)
            | Q(responsible_unit__icontains=value)
            | Q(content__icontains=value)
        )


@dataclass(frozen=True)
class Control:
    """One field of the filter bar, ready to draw."""

    name: str
    label: str
    value: str
    options: list = field(default_factory=list)


QUICK = ("category", "state", "standing", "source")


def controls(data):
    """The selects of the filter bar with what the URL says now."""
    base = ProjectFilter.base_filters
    return [Control(name, base[name].label, data.get(name, ""), base[name].options) for name in QUICK]


def chips(found, region_name):
    """`[(name, words)]` of the conditions in force; wrong ones say so."""
    made = []
    for name, value in found.form.cleaned_data.items():
        if value in (None, ""):
            continue
        used = found.filters[name]
        words = used.words(value).strip() if hasattr(used, "words") else value
        if name == "group" and (group := group_known(value)):
            words = group.name
        made.append((name, f"{used.label}：{region_name or value if name == 'region' else words}"))
    return made + [(name, f"{found.filters[name].label}：无效的条件") for name in found.form.errors]


DUE = [("due", "逾期和 30 天内到期"), ("over", "已逾期"), ("soon", "30 天内到期"), ("none", "未设时限")]
"""What the milestone list can show."""


def due_q(key, today):
    """The condition on milestones behind one entry of DUE."""
    if key == "due":
        return milestone_q(Standing.OVER, today) | milestone_q(Standing.SOON, today)
    return milestone_q(key, today)
