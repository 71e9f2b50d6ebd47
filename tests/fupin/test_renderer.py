"""Widgets look as Django draws them, only faster."""

from django import forms
from django.forms.renderers import Jinja2

from fupin.renderer import Renderer

CHOICES = [
    ("", "请选择"),
    ("a&b", '"因病" <b>'),
    ("残疾", [("01", "因残"), (2, "因学")]),
    ("no", [("3", "只有一项")]),
]


class Everything(forms.Form):
    """One field of every widget that has a template of ours or goes by the one of all inputs."""

    text = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"class": 'x"y', "autofocus": True, "disabled": False})
    )
    number = forms.IntegerField(required=False, min_value=0)
    day = forms.DateField(required=False)
    mail = forms.EmailField(required=False)
    secret = forms.CharField(required=False, widget=forms.PasswordInput(render_value=True))
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    phone = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    ticked = forms.BooleanField(required=False)
    one = forms.ChoiceField(required=False, choices=CHOICES)
    some = forms.MultipleChoiceField(required=False, choices=CHOICES)
    flag = forms.NullBooleanField()
    words = forms.CharField(required=False, widget=forms.Textarea)
    chips = forms.MultipleChoiceField(required=False, choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    radio = forms.ChoiceField(required=False, choices=CHOICES, widget=forms.RadioSelect)
    file = forms.FileField(required=False)


def test_every_widget_is_what_django_draws():
    filled = {
        "text": "<龙泉> & “新都”", "number": "x", "day": "2024-5-1", "mail": "a@b", "secret": "'", "key": 0, "phone": "1",
        "ticked": "on", "one": "a&b", "some": ["a&b", "2"], "flag": "true", "words": "</textarea>", "chips": ["3"], "radio": "01",
    }  # fmt: skip
    for data in (None, {}, filled):
        ours, theirs = Everything(data, renderer=Renderer()), Everything(data, renderer=Jinja2())
        for name in Everything.base_fields:
            assert str(ours[name]) == str(theirs[name]), name
        assert str(ours) == str(theirs)
