"""The form of one item that a county counts as income, or keeps beside."""

from django import forms

from households.forms.by_year import ByYearForm
from households.forms.fields import CountField, FlagField, Select, TextInput
from households.models import IncomeGroup

YEARS = {"min_value": 2014, "max_value": 2100}


class ItemForm(ByYearForm):
    """`places`: [(path, name)] where the user may keep items. A stored item keeps its category and place."""

    group = forms.ChoiceField(label="归类", choices=[("", "请选择"), *IncomeGroup.choices], widget=Select)
    label = forms.CharField(label="项目名称", max_length=40, widget=TextInput(attrs={"autocomplete": "off"}))
    counted = FlagField(label="计入收入", required=True)
    region_path = forms.ChoiceField(label="适用区域", required=False, widget=Select)
    first_year = CountField(label="启用年度", required=False, unit="年", help_text="留空为不限", **YEARS)
    last_year = CountField(
        label="最后年度",
        required=False,
        unit="年",
        help_text="留空为一直使用；停用的填最后使用的年度",
        **YEARS,
    )
    sort = CountField(label="排序", min_value=0, max_value=9999, initial=999, help_text="小的在前")

    def __init__(self, *args, places, fixed=(), **options):
        super().__init__(*args, **options)
        self.fields["region_path"].choices = places
        self.fields["counted"].choices = [("1", "计入"), ("0", "不计入，只登记")]
        for name in fixed:
            del self.fields[name]
