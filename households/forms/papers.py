"""Forms of papers: beginning one, its text, and its issue."""

from django import forms
from django.utils import timezone

from households.forms.fields import Select, TextInput

FIRST_YEAR = 2000
LEVELS = [(1, "一、"), (2, "（一）"), (3, "1.")]


class BeginForm(forms.Form):
    """Which paper, for which year. The place stands in the address."""

    kind = forms.ChoiceField(label="文书类别", widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label="年度", coerce=int, widget=Select)

    def __init__(self, *args, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds]
        this = timezone.localdate().year
        self.fields["year"].choices = [(year, f"{year} 年") for year in range(this + 1, FIRST_YEAR - 1, -1)]
        self.initial.setdefault("year", this)


class PaperForm(forms.Form):
    """Title and sender of a paper."""

    title = forms.CharField(label="标题", max_length=120, widget=TextInput)
    unit = forms.CharField(label="发文单位", max_length=80, required=False, widget=TextInput)
    keep_empty = forms.BooleanField(
        label="保留空标题", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )


class SectionForm(forms.Form):
    """One section; `ORDER` moves it, `DELETE` takes it out."""

    level = forms.TypedChoiceField(label="级别", choices=LEVELS, coerce=int, initial=1, widget=Select)
    heading = forms.CharField(
        label="标题", max_length=80, required=False, widget=TextInput(attrs={"placeholder": "没有标题"})
    )
    text = forms.CharField(
        label="正文",
        required=False,
        max_length=20000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 5, "class": "form-control"}),
    )


class BaseSections(forms.BaseFormSet):
    ordering_widget = forms.NumberInput(attrs={"class": "form-control form-control-sm"})
    deletion_widget = forms.CheckboxInput(attrs={"class": "form-check-input"})

    def sections(self):
        """The sections as they stand in the paper; those left wholly empty are dropped."""
        return [
            {name: form.cleaned_data.get(name, "") for name in ("level", "heading", "text")}
            for form in self.ordered_forms
            if form.cleaned_data.get("heading") or form.cleaned_data.get("text")
        ]


SectionSet = forms.formset_factory(
    SectionForm, formset=BaseSections, extra=1, can_order=True, can_delete=True, max_num=60, validate_max=True
)


class IssueForm(forms.Form):
    """Number and date of issue."""

    number = forms.CharField(
        label="文号", max_length=60, widget=TextInput, help_text="例如 炉新府发〔2026〕12号"
    )
    on = forms.DateField(
        label="印发日期",
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
