"""The forms of a move: a household to another place, a member to another household."""

from django import forms

from fupin.steady import Steady
from households import codes
from households.forms.fields import DayField, Select, Textarea


class HouseholdMoveForm(Steady):
    """`groups`: [(pk, name)] of the village that was chosen. `paired`: whether anybody is responsible today."""

    target = forms.ChoiceField(label="迁入的组", widget=Select)
    on = DayField(label="迁移日期")
    reason = forms.CharField(label="迁移原因", max_length=300, widget=Textarea(attrs={"rows": 3}))
    pairings = forms.ChoiceField(
        label="现在的结对", widget=Select,
        choices=[("keep", "保留，由原责任人继续帮扶"), ("end", "结束，迁入后另行落实责任人")],
    )  # fmt: skip

    def __init__(self, *args, groups, paired, same_town, today, **options):
        super().__init__(*args, **options)
        self.fields["target"].choices = [("", "请选择"), *groups] if len(groups) > 1 else groups
        self.fields["on"].initial = today
        if paired:
            self.fields["pairings"].initial = "keep" if same_town else "end"
        else:
            del self.fields["pairings"]


class MemberMoveForm(Steady):
    kind = forms.ChoiceField(
        label="转户类型", widget=Select,
        choices=[("married", "婚嫁：本户记婚出，转入户记婚入"), ("other", "其他：本户记其他转出，转入户记其他转入")],
    )  # fmt: skip
    relation = forms.ChoiceField(
        label="与转入户户主的关系", widget=Select,
        choices=[("", "请选择"), *[choice for choice in codes.Relation.choices if choice[0] != "01"]],
    )  # fmt: skip
    on = DayField(label="转户日期")
    reason = forms.CharField(label="说明", max_length=300, required=False, widget=Textarea(attrs={"rows": 2}))

    def __init__(self, *args, today, **options):
        super().__init__(*args, **options)
        self.fields["on"].initial = today
