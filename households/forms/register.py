"""The forms of a household itself and of one data year's facts: causes, conditions, income."""

import re

from django import forms
from django.core.exceptions import ValidationError

from fupin.schedule import TargetDateField
from households import codes
from households.actions import income as income_lines
from households.actions import register
from households.forms.fields import CodesField, NumberField, Select, TextInput, form_class, half_width
from households.models import Condition, Household, Income


class HouseholdForm(
    form_class("_Household", Household, [name for name in register.HOUSEHOLD_FIELDS if name != "region"])
):
    """The household itself, where it lives, its target date, and for a new one its status."""

    region = forms.ChoiceField(label="所在村组", widget=Select)
    risks = CodesField(label="风险类型", choices=codes.Risk.choices, required=False, most=5)
    needs = CodesField(label="帮扶需求", choices=codes.Need.choices, required=False)
    relocation_difficulties = CodesField(
        label="搬迁困难", choices=codes.RelocationDifficulty.choices, required=False
    )
    target = TargetDateField(label="计划脱贫（消除）时限", required=False, widget=TextInput)
    target_reason = forms.CharField(label="调整时限的原因", max_length=300, required=False, widget=TextInput)
    registry_status = forms.ChoiceField(
        label="建档立卡状态", widget=Select, required=False, initial="0",
        choices=[choice for choice in codes.RegistryStatus.choices if choice[0] in "0123"],
    )  # fmt: skip
    exit_year = forms.IntegerField(
        label="脱贫年度", required=False, min_value=2014, max_value=2100, widget=TextInput
    )

    def __init__(self, *args, entry, **options):
        super().__init__(*args, **options)
        self.entry = entry
        self.fields["region"].choices = entry.places
        self.fields["region"].error_messages["required"] = "请选择所在村组。"
        self.fields["number"].help_text = "留空则自动编号"
        self.fields["identified_on"].label = "首次识别时间"
        self.fields["target"].year = entry.today.year
        if entry.household is not None or not entry.may_advance:
            del self.fields["registry_status"], self.fields["exit_year"]
        if entry.household is None or not entry.household.target_text:
            del self.fields["target_reason"]
        elif not entry.may_advance:
            del self.fields["target"], self.fields["target_reason"]

    def clean_phone(self):
        return self._personal("phone")

    def clean_bank_account(self):
        account = self._personal("bank_account").replace(" ", "")
        if account and not re.fullmatch(r"\d{8,30}", account):
            raise ValidationError("银行账号应为 8 至 30 位数字。")
        return account

    def _personal(self, name):
        typed = half_width(self.cleaned_data[name])
        return register.unmasked(
            self.entry.household or Household(), name, typed, self.entry.seen(f"h.{name}")
        )

    def clean_number(self):
        number = self.cleaned_data["number"].strip()
        held = Household.objects.unscoped("unique").filter(number=number)
        if self.entry.household is not None:
            held = held.exclude(pk=self.entry.household.pk)
        if number and held.exists():
            raise ValidationError("户编号重复：这个编号已经有一户。")
        return number

    def clean_region(self):
        return self.entry.regions[int(self.cleaned_data["region"])]

    def clean_target(self):
        target, household = self.cleaned_data["target"], self.entry.household
        unchanged = household is not None and target and target.text == household.target_text
        return None if unchanged else target

    def clean(self):
        data = super().clean()
        if data.get("relocated") and not data.get("relocation_site"):
            self.add_error("relocation_site", "易地搬迁户须填写安置区名称。")
        if data.get("target") and "target_reason" in self.fields and not data.get("target_reason"):
            self.add_error("target_reason", "改动时限须说明原因，原时限会保留在记录里。")
        status = data.get("registry_status") or "0"
        if status in ("1", "2") and "target" in self.fields and not data.get("target"):
            self.add_error("target", "在帮扶的户须填写时限。")
        if status == "3" and not data.get("exit_year") and "exit_year" in self.fields:
            self.add_error("exit_year", "已脱贫户须填写脱贫年度。")
        return data


class CausesForm(forms.Form):
    """致贫原因 of the data year: one main, up to two further."""

    main = forms.ChoiceField(
        label="主要致贫原因", required=False, widget=Select, choices=[("", "请选择"), *codes.Cause.choices]
    )
    others = CodesField(label="其他致贫原因", choices=codes.Cause.choices, required=False, most=2)
    note = forms.CharField(
        label="情况说明",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def clean(self):
        data = super().clean()
        main, others = data.get("main"), data.get("others", "")
        if others and not main:
            self.add_error("main", "先选主要致贫原因，再选其他原因。")
        if main and main in others.split(","):
            self.add_error("others", "其他致贫原因不能与主要原因相同。")
        if data.get("note") and not main and "main" not in self.errors:
            self.add_error("main", "写了情况说明，请选主要致贫原因。")
        return data


class ConditionForm(form_class("_Condition", Condition, register.CONDITION_FIELDS)):
    guarantees = CodesField(label="兜底类型", choices=codes.Guarantee.choices, required=False)

    def clean(self):
        data = super().clean()
        farmland, irrigated = data.get("farmland"), data.get("irrigated")
        if farmland is not None and irrigated is not None and irrigated > farmland:
            self.add_error("irrigated", "有效灌溉面积不能大于耕地面积。")
        if data.get("dangerous") and not data.get("danger_level"):
            self.add_error("danger_level", "危房须填写等级。")
        return data


class IncomeForm(form_class("_Income", Income, register.INCOME_FIELDS)):
    stated_net = NumberField(
        label="填报纯收入", max_digits=14, decimal_places=2, unit="元", required=False,
        help_text="只有纯收入总数、没有分项时填；填了分项，以分项为准",
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        start, end = data.get("period_start"), data.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", "核算期的起止颠倒。")
        return data


class IncomeLinesForm(forms.Form):
    """The lines behind the totals: one amount for each item that the county counts, or keeps beside."""

    use_required_attribute = False

    def __init__(self, *args, items, **options):
        super().__init__(*args, **options)
        self.items = items
        for item in items:
            field = NumberField(
                label=item.label, max_digits=14, decimal_places=2, min_value=0, unit="元", required=False
            )
            column = income_lines.TOTALS[item.group]
            if item.counted:
                field.widget.attrs["data-line"] = column
            else:
                field.label = f"{item.label}（不计入）"
            self.fields[item.code] = field

    def groups(self):
        """`[(category, its total's column, bound fields)]`"""
        return [
            (group.label, column, [self[item.code] for item in self.items if item.group == group])
            for group, column in income_lines.TOTALS.items()
        ]

    @property
    def opened(self):
        """Whether there is something to see below the totals."""
        return bool(self.errors) or any(self[item.code].value() not in (None, "") for item in self.items)
