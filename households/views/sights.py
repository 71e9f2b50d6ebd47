"""谁的信息被看过: the page for whoever must tell the people concerned."""

from datetime import datetime, time, timedelta

from django import forms
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record
from households.sights import events_of, who_was_seen

MOST = 500
"""People listed on the page; the command writes all of them."""
LONGEST = timedelta(days=366)


class SightForm(forms.Form):
    """The window, and whose eyes."""

    since = forms.DateTimeField(label="从", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(label="到", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    account = forms.CharField(label="姓名或账号", required=False, max_length=60)
    address = forms.GenericIPAddressField(label="来源地址", required=False)

    def clean(self):
        data = super().clean()
        if not data.get("account") and not data.get("address") and not self.errors:
            raise forms.ValidationError("请填写账号或来源地址，至少一项。")
        if not self.errors and not timedelta(0) < data["until"] - data["since"] <= LONGEST:
            raise forms.ValidationError("“到”须晚于“从”，一次最多查一年。")
        return data


@require_GET
@require(P.AUDIT_VIEW)
def who_saw(request):
    today = timezone.localdate()
    begin = timezone.make_aware(datetime.combine(today - timedelta(days=6), time.min))
    start = {
        "since": f"{begin:%Y-%m-%dT%H:%M}",
        "until": f"{timezone.localtime() + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
    }
    asked = bool(request.GET)
    form = SightForm({**start, **request.GET.dict()} if asked else None, initial=start)
    context = {"form": form, "asked": asked and form.is_valid(), "people": [], "total": 0, "most": MOST}
    if context["asked"]:
        said = form.cleaned_data
        events = events_of(request.user, **said)
        people = who_was_seen(events, request.user)
        home = request.user.home_region
        record(
            "audit.who_saw", "audit", by=request.user, region_path=home.path if home else "",
            since=said["since"].isoformat(), until=said["until"].isoformat(), account=said["account"],
            address=said["address"], count=len(people),
        )  # fmt: skip
        context |= {
            "people": people[:MOST], "total": len(people), "homes": len({one.household for one in people}),
            "events": events.count(),
        }  # fmt: skip
    return render(request, "audit/who_saw.html", context)
