"""What the lists of visits, follow-ups and measures can be narrowed by. Home tiles link here with these names."""

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property

from fupin.accounts.roles import Permission as P
from fupin.regions.models import PATH_WIDTH
from fupin.schedule import SOON_DAYS, Standing, standing_q
from households import codes
from households.models import FollowUp, Measure, Visit
from households.models.area_group import places_of
from households.visit_forms import DateInput, place_choices

STANDINGS = [
    ("open", "未办结"), ("over", "逾期"), ("soon", "即将到期"), ("ok", "正常"), ("none", "未设时限"), ("done", "已办结"),
]  # fmt: skip
NEAR = "near"
"""Past their date or near it: what the home page counts."""


def standing_condition(field, value, today, soon, done):
    """Rows of one standing; "open" is all that are not done, NEAR those late or soon."""
    if value == "open":
        return ~done
    if value == NEAR:
        over, soon_q = (
            standing_q(field, today, one, soon=soon, done=done) for one in (Standing.OVER, Standing.SOON)
        )
        return over | soon_q
    return standing_q(field, today, Standing(value), soon=soon, done=done)


class Placed(filters.FilterSet):
    """Narrowing by region, for tables that carry the path."""

    region = filters.CharFilter(label="区域", method="within")

    def __init__(self, data, queryset, *, user):
        super().__init__(data, queryset)
        self.user = user

    def within(self, rows, name, value):
        return rows.within(value) if value.isdecimal() and len(value) <= PATH_WIDTH else rows.none()

    @cached_property
    def places(self):
        region = self.data.get("region", "")
        return place_choices(self.user, region if region.isdecimal() else "", P.HOUSEHOLD_VIEW)

    @property
    def region_value(self):
        return self.data.get("region", "")

    @property
    def active(self):
        """Chips: `(label, value in words, query string without it)` of the conditions set."""
        found = []
        for name, bound in self.filters.items():
            value = self.data.get(name, "")
            if not value or name == "region":
                continue
            words = dict(bound.extra.get("choices", ())).get(value, value)
            words = places_of(value)[0] or value if name == "group" else words
            rest = self.data.copy()
            for gone in (name, "after", "before"):
                rest.pop(gone, None)
            found.append((bound.label, "" if words == "是" else words, rest.urlencode()))
        return found

    @property
    def query(self):
        """The query string without the place in the list."""
        rest = self.data.copy()
        rest.pop("after", None)
        rest.pop("before", None)
        return rest.urlencode()


YES = [("1", "是")]


class VisitFilter(Placed):
    group = filters.CharFilter(label="片区", method="of_group")
    since = filters.DateFilter(label="从", field_name="on", lookup_expr="gte", widget=DateInput())
    until = filters.DateFilter(label="到", field_name="on", lookup_expr="lte", widget=DateInput())
    way = filters.ChoiceFilter(label="方式", choices=codes.VisitWay.choices, empty_label="走访方式")
    helper = filters.CharFilter(label="走访人", method="by_helper")
    household = filters.NumberFilter(label="户", field_name="household", widget=forms.HiddenInput)
    problem = filters.ChoiceFilter(label="有问题", choices=YES, method="with_problem")
    unsolved = filters.ChoiceFilter(label="未解决", choices=YES, method="not_solved")
    counts = filters.ChoiceFilter(label="计入要求", choices=[("1", "计入"), ("0", "不计入")])
    cancelled = filters.ChoiceFilter(label="含作废", choices=YES, method="pass_by")

    class Meta:
        model = Visit
        fields = []

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        return queryset if self.data.get("cancelled") == "1" else queryset.filter(cancelled_reason="")

    def of_group(self, rows, name, value):
        return rows.filter(rows.in_paths(places_of(value)[1]))

    def by_helper(self, rows, name, value):
        held = Visit.helpers.through.objects.filter(visit=OuterRef("pk"), helper__name=value.strip())
        return rows.filter(Exists(held) | Q(visitor_text=value.strip()))

    def with_problem(self, rows, name, value):
        return rows.exclude(problem="")

    def not_solved(self, rows, name, value):
        open_items = FollowUp.objects.unscoped("hanging").filter(visit=OuterRef("pk"), closed_on=None)
        return rows.filter(Q(solved=False) | Exists(open_items))

    def pass_by(self, rows, name, value):
        return rows


class FollowUpFilter(Placed):
    state = filters.ChoiceFilter(
        label="状态",
        choices=[*STANDINGS, (NEAR, "逾期或 7 天内到期")],
        method="by_state",
        empty_label="全部状态",
    )
    mine = filters.ChoiceFilter(label="我承办的", choices=YES, method="own")
    household = filters.NumberFilter(label="户", field_name="household", widget=forms.HiddenInput)

    class Meta:
        model = FollowUp
        fields = []

    done = ~Q(closed_on=None)
    field, soon = "due_end", SOON_DAYS["follow_up"]

    def __init__(self, data, queryset, *, user, today):
        super().__init__(data, queryset, user=user)
        self.today = today

    def by_state(self, rows, name, value):
        return rows.filter(standing_condition(self.field, value, self.today, self.soon, self.done))

    def own(self, rows, name, value):
        return rows.filter(mine_q(rows, self.user))


class MeasureFilter(FollowUpFilter):
    state = filters.ChoiceFilter(
        label="状态",
        choices=[(value, words.replace("办结", "完成")) for value, words in STANDINGS]
        + [(NEAR, "逾期或 30 天内到期")],
        method="by_state",
        empty_label="全部状态",
    )
    kind = filters.ChoiceFilter(label="类别", choices=codes.MeasureKind.choices, empty_label="措施类别")
    mine = filters.ChoiceFilter(label="我负责的", choices=YES, method="own")

    class Meta:
        model = Measure
        fields = []

    done = ~Q(done_on=None)
    field, soon = "target_end", SOON_DAYS["measure"]


def mine_q(rows, user):
    """Rows that fall to this person: named as the responsible one, or of a household paired with them. Whoever
    takes over a household takes over what was promised to it."""
    return Q(helper__user=user) | rows.paired_with(user)
