"""What the list of clues can be narrowed by, and what is written down when one is closed."""

import django_filters as filters
from django import forms
from django.db.models import Q

from fupin.schedule import SOON_DAYS
from households import codes
from households.forms.fields import Select
from households.models import CrossCheck
from households.visit_filters import NEAR, YES, Placed, standing_condition

STATES = [
    ("open", "待核实"), ("over", "逾期"), (NEAR, f"逾期或 {SOON_DAYS['crosscheck']} 天内到期"), ("soon", "即将到期"), ("done", "已核实"),
]  # fmt: skip


class CrossCheckFilter(Placed):
    """By place, source, kind, result and how a clue stands against its deadline."""

    state = filters.ChoiceFilter(label="状态", choices=STATES, method="by_state", empty_label="全部状态")
    source = filters.ChoiceFilter(
        label="来源", choices=[(name, name) for name in codes.CHECK_SOURCES], empty_label="全部来源"
    )
    kind = filters.ChoiceFilter(label="内容", choices=codes.CheckKind.choices, empty_label="全部内容")
    result = filters.ChoiceFilter(label="结果", choices=codes.CheckResult.choices, empty_label="全部结果")
    mine = filters.ChoiceFilter(label="我帮扶的户", choices=YES, method="own")
    household = filters.NumberFilter(label="户", field_name="household", widget=forms.HiddenInput)

    class Meta:
        model = CrossCheck
        fields = []

    def __init__(self, data, queryset, *, user, today):
        super().__init__(data, queryset, user=user)
        self.today = today

    def by_state(self, rows, name, value):
        return rows.filter(crosscheck_condition(value, self.today))

    def own(self, rows, name, value):
        return rows.filter(rows.paired_with(self.user))


def crosscheck_condition(state, today):
    """Clues that stand so: "open", NEAR or a schedule.Standing."""
    return standing_condition("due_end", state, today, SOON_DAYS["crosscheck"], ~Q(closed_on=None))


class ResultForm(forms.Form):
    """What looking at the household showed, as 7.3 of the reference codes it, and in words."""

    use_required_attribute = False
    result = forms.ChoiceField(
        label="核实结果", choices=[("", "请选择"), *codes.CheckResult.choices], widget=Select,
        error_messages={"required": "请选择核实结果。"}, help_text="“待核实”不办结，只记下进展。",
    )  # fmt: skip
    note = forms.CharField(
        label="核实情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明核实情况。"},
    )  # fmt: skip
