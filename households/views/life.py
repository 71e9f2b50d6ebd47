"""个人信息 of one household (告知, 依法留存, what is held on a person), and 保存期限 of everything."""

import hashlib
import io
import secrets

import xlsxwriter
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.audit import seen
from fupin.audit.record import record
from households import life
from households.models import Household, Member

PURPOSE = (4, 120)


class NoticeForm(forms.Form):
    on = forms.DateField(label="告知日期", widget=forms.DateInput(attrs={"type": "date"}))
    form = forms.CharField(label="告知书版本", max_length=40)
    teller = forms.CharField(label="告知人", max_length=40, required=False)


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_privacy(request, pk):
    return _page(request, pk)


def _page(request, pk, form=None, status=200):
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    may = {
        "notice": Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT).filter(pk=pk).exists(),
        "hold": Household.objects.visible_to(request.user, P.SETTINGS_EDIT).filter(pk=pk).exists(),
        "export": Household.objects.visible_to(request.user, P.PII_EXPORT).filter(pk=pk).exists(),
    }
    context = {
        "household": household, "may": may, "form": form or NoticeForm(initial={"on": timezone.localdate()}),
        "notices": household.notices.select_related("by"), "holds": household.holds.select_related("by", "lifted_by"),
        "held": household.holds.filter(lifted_on=None).exists(), "members": household.members.order_by("order", "pk"),
        "today": timezone.localdate(), "purpose": PURPOSE,
    }  # fmt: skip
    return render(request, "households/privacy.html", context, status=status)


@require_POST
@require(P.HOUSEHOLD_EDIT)
def notice_record(request, pk):
    household = get_object_or_404(Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=pk)
    form = NoticeForm(request.POST)
    if form.is_valid():
        try:
            life.record_notice(household=household, by=request.user, **form.cleaned_data)
            messages.success(request, "已登记告知。")
            return redirect("household_privacy", pk=pk)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, pk, form, 422)


@require_POST
@require(P.SETTINGS_EDIT)
def hold_change(request, pk):
    """Place a hold with its reason, or lift the one there is."""
    rows = Household.objects.visible_to(request.user).visible_to(request.user, P.SETTINGS_EDIT)
    household = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    try:
        if request.POST.get("lift"):
            life.lift_hold(household=household, by=request.user, today=today)
            messages.success(request, "已解除依法留存。")
        else:
            life.place_hold(
                household=household, by=request.user, reason=request.POST.get("reason", ""), today=today
            )
            messages.success(request, "已设为依法留存，到期也不匿名。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("household_privacy", pk=pk)


@require_POST
@require(P.PII_EXPORT)
def person_export(request, pk):
    """Everything held on one person, as a workbook, for the person who asks for it."""
    member = get_object_or_404(
        Member.objects.visible_to(request.user, P.PII_EXPORT).select_related("household"), pk=pk
    )
    purpose = request.POST.get("purpose", "").strip()
    if not PURPOSE[0] <= len(purpose) <= PURPOSE[1]:
        messages.error(request, f"须写明用途（{PURPOSE[0]} 至 {PURPOSE[1]} 字）。")
        return redirect("household_privacy", pk=member.household_id)
    rows = life.held_on(member)
    export = f"E{timezone.localdate():%Y%m%d}-{secrets.token_hex(4).upper()}"
    stream = workbook(rows, f"导出编号：{export}　{timezone.localtime():%Y-%m-%d %H:%M}　用途：{purpose}")
    sight = seen.Seen()
    sight.members.add(member.pk)
    sight.households.add(member.household_id)
    with transaction.atomic():
        record(
            "person.export", member, by=request.user, seen=str(sight), household=member.household_id, export=export,
            purpose=purpose, rows=len(rows), sha256=hashlib.sha256(stream.getvalue()).hexdigest(),
        )  # fmt: skip
    return FileResponse(stream, as_attachment=True, filename=f"个人信息_{export}.xlsx")


def workbook(rows, note):
    """A sheet of `(table, row, column, value)`, all text: nothing that somebody typed becomes a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"title": "个人信息", "author": "帮扶通", "comments": note[:32]})
    page = book.add_worksheet("个人信息")
    text = book.add_format({"num_format": "@", "quote_prefix": True, "text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bottom": 1})
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 10)
    page.set_column(2, 2, 26)
    page.set_column(3, 3, 60)
    page.write_string(0, 0, note, book.add_format({"italic": True}))
    for at, head in enumerate(("类别", "记录号", "项目", "内容")):
        page.write_string(1, at, head, bold)
    for line, row in enumerate(rows, start=2):
        for at, value in enumerate(row):
            page.write_string(line, at, value[:32_000], text)
    page.freeze_panes(2, 0)
    book.close()
    stream.seek(0)
    return stream


@require_http_methods(["GET", "POST"])
@require(P.SETTINGS_EDIT)
def retention(request):
    """How long what is kept, and how much is over age today."""
    if request.method == "POST":
        try:
            for kind, years in life.rules():
                typed = request.POST.get(kind.name, "")
                if not typed.isdecimal() or len(typed) > 3:
                    raise ValidationError(f"“{kind.label}”的年数请填整数。")
                if int(typed) != years:
                    life.set_rule(kind=kind.name, years=int(typed), by=request.user)
            messages.success(request, "保存期限已更新。")
            return redirect("retention")
        except ValidationError as error:
            messages.error(request, error.messages[0])
    counts = life.counts(timezone.localdate(), request.user)
    typed = request.POST if request.method == "POST" else {}
    rows = [(kind, typed.get(kind.name, years), counts.get(kind.name)) for kind, years in life.rules()]
    return render(request, "households/retention.html", {"rows": rows}, status=422 if typed else 200)
