"""The form of one lifecycle step, and of the target date."""

from django import forms

from fupin.schedule import TargetDateField
from fupin.steady import Steady
from households import codes
from households.forms.fields import CodesField, DayField, Select, Textarea, TextInput
from households.lifecycle import ClearingMode, posted_since, posts


class StepForm(Steady):
    on = DayField(label="日期")
    posted_on = DayField(label="公示开始日期")
    reason = forms.CharField(
        label="原因或依据", required=False, max_length=300, widget=Textarea(attrs={"rows": 3})
    )
    document = forms.CharField(label="文号", required=False, max_length=60, widget=TextInput)
    target = TargetDateField(label="计划脱贫（消除）时限", required=False, widget=TextInput)
    category = forms.ChoiceField(
        label="监测对象类别", widget=Select, choices=[("", "请选择"), *codes.MonitorCategory.choices[1:]]
    )
    risks = CodesField(label="风险类型（最多 5 项）", choices=codes.Risk.choices, most=5)
    cause = forms.ChoiceField(label="返贫原因", widget=Select, choices=[("", "请选择"), *codes.Cause.choices])
    mode = forms.ChoiceField(
        label="风险消除方式", widget=Select, choices=[("", "请选择"), *ClearingMode.choices]
    )

    def __init__(self, *args, step, household, today, **options):
        super().__init__(*args, **options)
        for name in ("category", "risks", "cause", "mode"):
            if name not in step.asks:
                del self.fields[name]
        if not step.needs_target and step.name != "reopen":
            del self.fields["target"]
        elif household.target_text:
            self.fields[
                "target"
            ].help_text = f"现有时限：{household.target_text}。不改可留空，已过期的须重填。"
        self.fields["on"].initial = today
        if posts(step):
            self.fields["posted_on"].initial = posted_since(step, household)
            self.fields[
                "posted_on"
            ].help_text = "公示期满才能办理；天数见“公示设置”；有异议的日子不计，处理完再接着计"
        else:
            del self.fields["posted_on"]
        self.fields["reason"].required = step.needs_reason
        self.fields["document"].required = step.needs_document
        if "target" in self.fields:
            self.fields["target"].year = today.year

    def given(self):
        """The keyword arguments of `lifecycle.take`."""
        return dict(self.cleaned_data)


class TargetForm(Steady):
    target = TargetDateField(label="计划脱贫（消除）时限", widget=TextInput)
    reason = forms.CharField(
        label="调整原因", required=False, max_length=300, widget=Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, household, today, **options):
        super().__init__(*args, initial={"target": household.target_text}, **options)
        self.fields["target"].year = today.year
        self.fields["reason"].required = bool(household.target_text or household.target_end)
        self.fields["reason"].help_text = "原时限会保留在记录里。" if self.fields["reason"].required else ""
