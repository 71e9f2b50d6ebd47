"""Form fields as the register needs them: 未填 is neither 否 nor 0, and what is typed is read as officials type it."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

DAY_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]
_LABEL = re.compile(r"(.+?)（(亩|元|人|户|公里|㎡|个|条|家|所|月)）")


class Widths:
    """Renders with the product's control classes."""

    css = "form-control"

    def __init__(self, attrs=None, **options):
        super().__init__(attrs={"class": self.css} | (attrs or {}), **options)


class TextInput(Widths, forms.TextInput):
    pass


class Textarea(Widths, forms.Textarea):
    pass


class Select(Widths, forms.Select):
    css = "form-select"


class DayInput(Widths, forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def half_width(text):
    """Full-width digits and signs as typed by an input method, to half width, without separators."""
    return unicodedata.normalize("NFKC", text).replace(",", "").replace("，", "").strip()


class NumberField(forms.DecimalField):
    """A number as officials type it: 1,200, １２００, 1200 元 and 1200.00 are one."""

    widget = TextInput

    def __init__(self, *, unit="", **options):
        self.unit = unit
        super().__init__(**options)

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off", "class": "form-control num"}

    def to_python(self, value):
        return super().to_python(_without_unit(value, self.unit))

    def prepare_value(self, value):
        return f"{value.normalize():f}" if hasattr(value, "normalize") else value


class CountField(forms.IntegerField):
    widget = TextInput

    def __init__(self, *, unit="", **options):
        self.unit = unit
        super().__init__(**options)

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "autocomplete": "off", "class": "form-control num"}

    def to_python(self, value):
        return super().to_python(_without_unit(value, self.unit))


def _without_unit(value, unit):
    if not isinstance(value, str):
        return value
    value = half_width(value)
    return value.removesuffix(unit).strip() if unit else value


class FlagField(forms.TypedChoiceField):
    """是, 否 or 未填 (None)."""

    def __init__(self, **options):
        super().__init__(
            choices=[("", "未填"), ("1", "是"), ("0", "否")], coerce=lambda text: text == "1", empty_value=None,
            widget=Select, **options,
        )  # fmt: skip

    def prepare_value(self, value):
        return {True: "1", False: "0", None: ""}.get(value, value)


class CodesField(forms.MultipleChoiceField):
    """Several codes, kept joined by commas in table order."""

    widget = forms.CheckboxSelectMultiple
    is_chips = True

    def __init__(self, *, most=None, **options):
        self.most = most
        super().__init__(**options)

    def prepare_value(self, value):
        return [part for part in value.split(",") if part] if isinstance(value, str) else value

    def has_changed(self, initial, data):
        return set(self.prepare_value(initial or "") or []) != set(data or [])

    def clean(self, value):
        chosen = super().clean(value)
        if self.most and len(chosen) > self.most:
            raise ValidationError(f"最多选 {self.most} 项，现在选了 {len(chosen)} 项。")
        return ",".join(code for code, _ in self.choices if code in chosen)


class DayField(forms.DateField):
    """A day; nothing before 1900, and nothing in the future unless `future` is given."""

    widget = DayInput

    def __init__(self, *, future=False, today=None, **options):
        self.future, self.today = future, today
        super().__init__(input_formats=DAY_FORMATS, **options)

    def to_python(self, value):
        return super().to_python(half_width(value) if isinstance(value, str) else value)

    def validate(self, value):
        super().validate(value)
        if value is None:
            return
        if value.year < 1900:
            raise ValidationError("年份应在 1900 年以后。")
        if not self.future and value > (self.today or timezone.localdate()):
            raise ValidationError("日期不能晚于今天。")


def named(db_field):
    """Label and unit of a model field: 耕地面积（亩） gives 耕地面积 and 亩."""
    found = _LABEL.fullmatch(str(db_field.verbose_name))
    return (found[1], found[2]) if found else (str(db_field.verbose_name), "")


def field_for(db_field, **options):
    """The form field of a register column, never required: what must be filled, the form says itself."""
    label, unit = named(db_field)
    common = {"label": label, "required": False}
    if isinstance(db_field, models.BooleanField):
        return FlagField(**common)
    if db_field.choices:
        blank = [("", "请选择")]
        return forms.ChoiceField(
            choices=blank + [c for c in db_field.choices if c[0] != ""], widget=Select, **common
        )
    if isinstance(db_field, models.DecimalField):
        return NumberField(
            max_digits=db_field.max_digits,
            decimal_places=db_field.decimal_places,
            min_value=0,
            unit=unit,
            **common,
        )
    if isinstance(db_field, models.IntegerField):
        return CountField(
            min_value=0,
            max_value=32767 if "Small" in type(db_field).__name__ else 99999999,
            unit=unit,
            **common,
        )
    if isinstance(db_field, models.DateField):
        return DayField(**common)
    if isinstance(db_field, models.TextField):
        return forms.CharField(widget=Textarea(attrs={"rows": 2}), max_length=2000, **common)
    return forms.CharField(max_length=db_field.max_length, widget=TextInput, **common)


def fields_of(model, names):
    """Form fields of the columns `names` of `model`, in that order."""
    return {name: field_for(model._meta.get_field(name)) for name in names}


def form_class(name, model, names, base=forms.Form, **extra):
    """A form over some columns of a model; the action writes, so it is no ModelForm."""
    return type(name, (base,), fields_of(model, names) | extra)
