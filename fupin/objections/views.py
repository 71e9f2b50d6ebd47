"""The part of a page that lists objections, notes a new one and says how one ended."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from fupin.accounts.submissions import already, remember
from fupin.objections.actions import handle_objection, raise_objection
from fupin.steady import Steady


def _day():
    return forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")


def _lines():
    return forms.Textarea(attrs={"class": "form-control", "rows": 2})


class ObjectionForm(Steady):
    """A new objection to a notice."""

    procedure = forms.ChoiceField(label="哪一个公示", widget=forms.Select(attrs={"class": "form-select"}))
    raised_on = forms.DateField(label="提出日期", widget=_day())
    what = forms.CharField(label="异议内容", max_length=300, widget=_lines())

    def __init__(self, *args, choices, **options):
        super().__init__(*args, **options)
        self.fields["procedure"].choices = choices


class HandledForm(Steady):
    """How an objection ended."""

    handled_on = forms.DateField(label="处理日期", widget=_day())
    outcome = forms.CharField(label="处理结果", max_length=300, widget=_lines())


class Objections:
    """The objections about one row. `rows`: its related manager; `choices`: the notices that may be objected to;
    `address`: where the forms go; `likely`: the notice that probably hangs."""

    def __init__(self, rows, *, subject, choices, address, user, likely=None):
        self.rows, self.subject, self.choices, self.address = rows, subject, choices, address
        self.model, self.likely = rows.model, likely
        self.may = self.model.open_to(self.model(**{self.model.SUBJECT: subject}).place, user)
        self._form = self._handled = None

    @property
    def form(self):
        if self._form:
            return self._form
        today = timezone.localdate()
        return ObjectionForm(choices=self.choices, initial={"raised_on": today, "procedure": self.likely})

    @property
    def lines(self):
        """`[(objection, the form that says how it ended)]`."""
        today, sent = timezone.localdate(), self._handled
        return [
            (
                row,
                sent
                if sent and sent.prefix == f"o{row.pk}"
                else HandledForm(initial={"handled_on": today}, prefix=f"o{row.pk}"),
            )
            for row in self.rows.select_related("by", "handled_by")
        ]

    def answer(self, request, location):
        """Note an objection, or with `objection` how that one ended; the redirect to `location`, or None with the forms
        holding what was typed and what is wrong with it."""
        key = request.POST.get("objection", "")
        row = get_object_or_404(self.rows, pk=int(key)) if key.isdecimal() and len(key) < 19 else None
        if row is None:
            form = self._form = ObjectionForm(request.POST, choices=self.choices)
        else:
            form = self._handled = HandledForm(request.POST, prefix=f"o{row.pk}")
        if not form.is_valid():
            return None
        given = form.cleaned_data
        try:
            if done := already(request):
                return done
            with transaction.atomic():
                if row is None:
                    raise_objection(
                        self.model, subject=self.subject, procedure=given["procedure"], on=given["raised_on"],
                        what=given["what"], by=request.user,
                    )  # fmt: skip
                else:
                    handle_objection(row, on=given["handled_on"], outcome=given["outcome"], by=request.user)
                remember(request, location)
        except ValidationError as error:
            form.take_errors(error)
            return None
        return HttpResponseRedirect(location)
