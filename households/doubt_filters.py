"""What the list of doubts can be narrowed by; the report R21 reads the same query string."""

import django_filters as filters
from django.db.models import Q

from households import checks
from households.models import Doubt
from households.visit_filters import Placed

STATES = [("open", "未核实"), ("explained", "已核实无误"), ("all", "全部")]
RULES = [(rule.code, f"{rule.code} {rule.message}") for rule in checks.ALL if rule not in checks.ENFORCED]


class DoubtFilter(Placed):
    """Without `state` only what nobody has explained yet."""

    rule = filters.ChoiceFilter(label="规则", choices=RULES, empty_label="全部规则")
    severity = filters.ChoiceFilter(
        label="级别", choices=[("E", "错误"), ("W", "疑点")], method="by_severity", empty_label="全部级别"
    )
    state = filters.ChoiceFilter(label="处理情况", choices=STATES, method="by_state", empty_label=None)

    class Meta:
        model = Doubt
        fields = []

    def filter_queryset(self, queryset):
        if not self.form.cleaned_data.get("state"):
            queryset = queryset.filter(explained="")
        return super().filter_queryset(queryset)

    def by_severity(self, rows, name, value):
        return rows.filter(rule__in=[rule.code for rule in checks.ALL if rule.severity == value])

    def by_state(self, rows, name, value):
        return rows.filter({"open": Q(explained=""), "explained": ~Q(explained="")}.get(value, Q()))


def current_doubts(user, permission=None):
    """Doubts that this user may see: of households still in the book, and of villages."""
    return Doubt.objects.visible_to(user, permission).exclude(household__registry_status="9")
