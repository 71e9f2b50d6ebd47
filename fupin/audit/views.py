"""Reading the trail."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit.filters import TrailFilter, page_of
from fupin.audit.labels import ACTIONS, NOUNS, action_label, detail_lines, target_labels
from fupin.audit.models import AuditEvent

KINDS = [
    (noun, NOUNS[noun])
    for noun in ("household", "member", "visit", "follow_up", "measure", "pairing", "village")
]
KINDS += [
    ("project", "项目"),
    ("import", "导入"),
    ("report", "报表"),
    ("user", "账号与登录"),
    ("post", "岗位"),
]
KINDS += [("pii", ACTIONS["pii.reveal"])]


@require_GET
@require(P.AUDIT_VIEW)
def audit_list(request):
    bar = TrailFilter(request.GET)
    rows = bar.apply(AuditEvent.objects.visible_to(request.user), request.user)
    page = page_of(rows, request.GET)
    events = page.rows
    asked = getattr(bar, "cleaned_data", {})
    about = asked.get("target", "")
    names = target_labels([event.target for event in events] + [about] * bool(about), request.user)
    lines = [
        (event, action_label(event.action), names[event.target], detail_lines(event)) for event in events
    ]
    context = {"bar": bar, "lines": lines, "page": page, "kinds": KINDS, "asked": asked,
               "about": names.get(about, ""),
               "filtered": any(asked.values())}  # fmt: skip
    return render(request, "audit/audit_list.html", context)
