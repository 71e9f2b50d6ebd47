"""The door to one personal value: who may, for which row, why, and the line in the trail."""

from datetime import timedelta

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from fupin.accounts.access import require
from fupin.accounts.door import page_before, safe_next
from fupin.accounts.pii import field_class, hidden_from, shown
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record

REASONS = ["入户走访联系", "核对证件", "办理业务", "数据纠错", "上级核查"]
AN_HOUR = 30
"""Values one person may look at within an hour. More is an export, and has its own permission."""
ACTION = "pii.reveal"


def personal(label, field):
    """The model named `label` ("households.member") when `field` is personal there. Else Http404."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError) as error:
        raise Http404 from error
    if field not in getattr(model, "PII", {}) or not hasattr(model.objects, "visible_to"):
        raise Http404
    return model


def whole(row, field):
    """The value in full, by its label where the field has choices."""
    display = getattr(row, f"get_{field}_display", None)
    return str(display()) if display else shown(row, field, reveal=True)


def reveal(row, field, reason, *, by):
    """The value of `row.field`, with the audit event that showing it costs."""
    hour = timezone.now() - timedelta(hours=1)
    if by.audit_events.filter(action=ACTION, at__gte=hour).count() >= AN_HOUR:
        raise PermissionDenied("一小时内查看的次数已到上限。")
    record(
        ACTION,
        row,
        by=by,
        region_path=place_of(row),
        field=field,
        reason=reason,
        kind=field_class(row, field),
    )
    return whole(row, field)


def place_of(row):
    """The path of the place that the row belongs to, "" for a row of none: also where it hangs on another row."""
    for name in getattr(type(row).objects.all(), "region_path", "").split("__"):
        row = getattr(row, name, "")
    return row


@require_POST
@require(P.PII_REVEAL)
def reveal_value(request):
    model = personal(request.POST.get("model", ""), field := request.POST.get("field", ""))
    pk = request.POST.get("pk", "")
    row = (
        model.objects.visible_to(request.user, P.PII_REVEAL).filter(pk=pk).first() if pk.isdecimal() else None
    )
    if row is None or hidden_from(request.user, field_class(row, field)):
        raise Http404
    context = {
        "model": model._meta.label_lower,
        "pk": row.pk,
        "field": field,
        "label": model._meta.get_field(field).verbose_name,
        "masked": shown(row, field),
        "reasons": REASONS,
        "value": "",
        "problem": "",
        "back": safe_next(request, request.POST.get("back") or page_before(request)),
    }
    if (reason := request.POST.get("reason", "")) in REASONS:
        try:
            context["value"] = reveal(row, field, reason, by=request.user) or "（空）"
        except PermissionDenied as error:
            context["problem"] = str(error)
    template = "accounts/_reveal.html" if "HX-Request" in request.headers else "accounts/reveal.html"
    return render(request, template, context)
