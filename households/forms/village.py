"""The village profile of one year: its figures, and the lists beside them. Blank is 未填, 0 is a real zero."""

from django import forms

from households import codes
from households.forms.fields import NumberField, Select, TextInput, form_class
from households.models import VillageNeed, VillageProfile
from households.profile import FIELDS, SECTIONS

CAUSE_CHOICES = [("", "—"), *codes.Cause.choices]


class ProfileForm(form_class("_Profile", VillageProfile, FIELDS)):
    use_required_attribute = False

    def parts(self):
        """`[(title, bound fields)]` in the order of the printed plan."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]

    def clean_exit_year(self):
        year = self.cleaned_data["exit_year"]
        if year is not None and not 2014 <= year <= 2100:
            raise forms.ValidationError("出列年度应在 2014 年以后。")
        return year


class Row(forms.Form):
    """A row whose first cell is emptied goes, unless something else stands in it."""

    telling = ()

    def clean(self):
        data = super().clean()
        first = next(iter(self.fields))
        if not data.get(first) and first not in self.errors and any(data.get(name) for name in self.telling):
            self.add_error(first, "此项必填，或把这一行全部清空。")
        return data


class CauseRow(Row):
    """One cause of the plan: its words, and up to three codes where codes fit."""

    telling = ("one", "two", "three")
    text = forms.CharField(label="原因", max_length=300, required=False, widget=TextInput)
    one = forms.ChoiceField(label="归类", choices=CAUSE_CHOICES, required=False, widget=Select)
    two = forms.ChoiceField(label="归类二", choices=CAUSE_CHOICES, required=False, widget=Select)
    three = forms.ChoiceField(label="归类三", choices=CAUSE_CHOICES, required=False, widget=Select)

    def values(self):
        chosen = [self.cleaned_data[name] for name in ("one", "two", "three") if self.cleaned_data[name]]
        return {"text": self.cleaned_data["text"], "codes": ",".join(dict.fromkeys(chosen))}

    @staticmethod
    def initial_of(row):
        return {"text": row.text} | dict(zip(("one", "two", "three"), row.codes.split(",")))


class NeedRow(Row):
    text = forms.CharField(label="困难", max_length=300, required=False, widget=TextInput)
    kind = forms.ChoiceField(label="类别", choices=codes.Need.choices, initial="9", widget=Select)
    state = forms.ChoiceField(label="状态", choices=VillageNeed.State.choices, initial="1", widget=Select)

    def values(self):
        return dict(self.cleaned_data)

    @staticmethod
    def initial_of(row):
        return {"text": row.text, "kind": row.kind, "state": row.state}


class IndustryRow(Row):
    telling = ("area_mu", "text")
    name = forms.CharField(label="产业", max_length=60, required=False, widget=TextInput)
    area_mu = NumberField(label="面积（亩）", max_digits=10, decimal_places=2, min_value=0, required=False)
    approx = forms.BooleanField(label="约数", required=False)
    text = forms.CharField(label="原文", max_length=120, required=False, widget=TextInput)

    def values(self):
        return dict(self.cleaned_data)

    @staticmethod
    def initial_of(row):
        return {"name": row.name, "area_mu": row.area_mu, "approx": row.approx, "text": row.text}


ROWS = {"causes": CauseRow, "needs": NeedRow, "industries": IndustryRow}
TITLES = {"causes": "致贫原因", "needs": "急需解决的困难", "industries": "特色产业"}


def row_sets(data, profile):
    """`{name: formset}` of the lists; three blank rows at the end, so that they grow without JavaScript too."""
    made = {}
    for name, row in ROWS.items():
        kind = forms.formset_factory(row, extra=3, max_num=40, absolute_max=60)
        initial = []
        if profile is not None and data is None:  # a bound row is what was typed, and nothing else
            initial = [row.initial_of(entry) for entry in getattr(profile, name).all()]
        made[name] = kind(data, initial=initial, prefix=name)
        for form in made[name].forms:
            form.empty_permitted, form.use_required_attribute = True, False
    return made


def rows_of(formset):
    """The values of the rows that say something, in order; a row whose first cell was emptied is taken out."""
    first = next(iter(formset.form.base_fields))
    return [form.values() for form in formset.forms if form.cleaned_data.get(first)]
