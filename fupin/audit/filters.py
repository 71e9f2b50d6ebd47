"""The filter bar of the trail, and its pages."""

from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Q
from django.utils import timezone

from fupin.audit.labels import model_of
from fupin.paging import Key, page

PAGE_SIZE = 50


class TrailFilter(forms.Form):
    """What the trail is looked through by. Invalid values are told beside the field and filter nothing."""

    user = forms.CharField(label="姓名或账号", required=False, max_length=60)
    action = forms.CharField(label="动作", required=False, max_length=40)
    target = forms.CharField(label="对象", required=False, max_length=80)
    since = forms.DateField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def apply(self, rows, user):
        """The events that match. A target of a row takes in what was done to what hangs on it (its visits, its
        members): those events name the household."""
        self.is_valid()
        asked = self.cleaned_data
        if name := asked.get("user"):
            rows = rows.filter(Q(user__username=name) | Q(user__name=name))
        if action := asked.get("action"):
            rows = rows.filter(Q(action=action) | Q(action__startswith=f"{action}."))
        if target := asked.get("target"):
            rows = rows.filter(_about(target, user))
        if since := asked.get("since"):
            rows = rows.filter(at__gte=_midnight(since))
        if until := asked.get("until"):
            rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
        return rows


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def _about(target, user):
    condition = Q(target=target)
    model, pk = model_of(target)
    if model is None or not pk.isdecimal() or not hasattr(model.objects, "visible_to"):
        return condition
    if model._meta.model_name != "household" or not model.objects.visible_to(user).filter(pk=pk).exists():
        return condition
    return condition | Q(household=int(pk))


NEWEST_FIRST = (Key("id", descending=True),)


def page_of(rows, asked):
    """The page of the trail that the query `asked` (a QueryDict) points at, newest first."""
    return page(
        rows.select_related("user"), NEWEST_FIRST, key_of=lambda event: (event.pk,), size=PAGE_SIZE,
        after=asked.get("after", ""), before=asked.get("before", ""),
    )  # fmt: skip
