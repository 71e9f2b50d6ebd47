"""What the pages of filing ask for."""

from django import forms

from fupin.filing.periods import Every
from fupin.regions.models import Level


class RuleForm(forms.Form):
    """One line of the county's list: whether a report is asked for, how often, from whom, until when."""

    active = forms.BooleanField(label="要求报送", required=False)
    every = forms.ChoiceField(label="周期", choices=Every)
    level = forms.TypedChoiceField(
        label="报送单位", coerce=int, choices=[(Level.TOWNSHIP.value, "各乡镇"), (Level.COUNTY.value, "县")]
    )
    due_days = forms.IntegerField(
        label="期末后几日内", min_value=0, max_value=90,
        error_messages={"required": "请填 0 至 90 的天数。", "invalid": "请填 0 至 90 的天数。"},
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class FreezeForm(forms.Form):
    year = forms.IntegerField(label="数据年度", min_value=2003, max_value=2100)
    as_of = forms.DateField(
        label="截至日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
