"""The village profile of one year: its figures, and the lists beside them. Blank is 未填, 0 is a real zero.

`ProfileEntry` holds the form and the lists together, and can compare what was typed with what somebody else saved
meanwhile, as `households.forms.entry.Entry` does for a household.
"""

from django import forms
from django.core import signing

from households import codes
from households.actions.register import plain
from households.actions.village import LIST_COLUMNS, in_words, listed, snapshot
from households.forms.entry import Difference
from households.forms.fields import NumberField, Select, TextInput, form_class
from households.models import VillageNeed, VillageProfile
from households.profile import FIELDS, NOT_TAKEN_OVER, SECTIONS

SALT = "households.village"

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


class ProfileEntry:
    """The page of one village and year, bound to `data` or filled from `profile`, or from `source` of an earlier
    year that it starts from."""

    def __init__(self, *, profile, source=None, data=None):
        self.profile, self.data = profile, data
        self.stored = snapshot(profile or VillageProfile(), FIELDS)
        shown = profile or source
        left_out = NOT_TAKEN_OVER if profile is None else ()
        initial = {name: getattr(shown, name) for name in FIELDS if name not in left_out} if shown else {}
        self.form = ProfileForm(data, initial=initial)
        self.sets = row_sets(data, shown)
        self.base_seen = _unsealed(data.get("base", "")) if data is not None else {}

    def is_valid(self):
        return all([self.form.is_valid(), *[rows.is_valid() for rows in self.sets.values()]])

    @property
    def wrong(self):
        return bool(self.form.errors or any(any(rows.errors) for rows in self.sets.values()))

    def lists(self):
        """`[(name, title, formset)]`"""
        return [(name, TITLES[name], rows) for name, rows in self.sets.items()]

    def base_token(self):
        """What stands in the book now, signed, to tell later who changed what."""
        return signing.dumps(self.stored, salt=SALT, compress=True)

    def values(self):
        """The keyword arguments of `save_profile` that were typed."""
        return {"fields": self.form.cleaned_data, **{name: rows_of(rows) for name, rows in self.sets.items()}}

    def mine(self):
        typed = {name: plain(value) for name, value in self.form.cleaned_data.items()}
        return typed | {name: listed(name, rows_of(rows)) for name, rows in self.sets.items()}

    def differences(self):
        """What the saved version and the typed one disagree in, and what the others did meanwhile."""
        found = []
        for key, mine in self.mine().items():
            base, theirs = self.base_seen.get(key, ""), self.stored[key]
            if theirs not in (mine, base):
                words = [self._told(key, text) for text in (base, theirs, mine)]
                found.append(Difference(key, self._label(key), *words, "theirs" if mine == base else ""))
        return found

    def _label(self, key):
        return TITLES[key] if key in TITLES else self.form.fields[key].label

    def _told(self, key, text):
        if not text:
            return "未填"
        if key in TITLES:
            return in_words(text)
        return {"1": "是", "0": "否"}[text] if hasattr(self.form.fields[key], "coerce") else text

    def take_theirs(self, data, keys):
        """Put the saved values of `keys` into the posted `data`."""
        for key in keys:
            if key in LIST_COLUMNS:
                self._take_list(data, key)
            elif key in self.stored:
                value = self.form.fields[key].prepare_value(getattr(self.profile, key))
                data[key] = "" if value is None else str(value)
        return data

    def _take_list(self, data, key):
        for name in [name for name in data if name.startswith(f"{key}-") and not name.endswith("_FORMS")]:
            del data[name]
        rows = list(getattr(self.profile, key).all())
        for number, row in enumerate(rows):
            for name, value in ROWS[key].initial_of(row).items():
                if value not in (None, "", False):
                    data[f"{key}-{number}-{name}"] = "on" if value is True else str(value)
        data[f"{key}-TOTAL_FORMS"] = str(len(rows))


def _unsealed(token):
    try:
        return signing.loads(token, salt=SALT) if token else {}
    except signing.BadSignature:
        return {}
