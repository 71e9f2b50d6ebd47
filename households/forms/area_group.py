"""The form of one group of areas: townships, and villages below them."""

from django import forms

from households.forms.by_year import ByYearForm
from households.forms.fields import CountField, FlagField, Select, TextInput

YEARS = {"min_value": 2000, "max_value": 2100}


class AreaGroupForm(ByYearForm):
    """`wider`: groups of the county that this one may lie within. The places are ticked beside the fields, and read by
    the page."""

    name = forms.CharField(
        label="名称", max_length=40, widget=TextInput(attrs={"autocomplete": "off"}),
        help_text="按文件写，如：25个欠发达乡镇",
    )  # fmt: skip
    within = forms.ModelChoiceField(
        label="属于", queryset=None, required=False, empty_label="全县", widget=Select,
        help_text="本组的乡镇、村都在这个更大的组里时选",
    )  # fmt: skip
    first_year = CountField(label="启用年度", required=False, unit="年", help_text="留空为不限", **YEARS)
    last_year = CountField(label="最后年度", required=False, unit="年", help_text="留空为一直使用", **YEARS)
    sort = CountField(label="排序", min_value=0, max_value=9999, initial=10, help_text="小的在前")
    source = forms.CharField(label="来源文件", max_length=120, required=False, widget=TextInput)
    confirmed = FlagField(label="名单", required=True)

    def __init__(self, *args, wider, **options):
        super().__init__(*args, **options)
        self.fields["within"].queryset = wider
        self.fields["confirmed"].choices = [("0", "待核实"), ("1", "已按文件核实")]
