"""驻村工作队: who is stationed where, and the month sheet of their attendance."""

import calendar
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.paging import Key, page
from fupin.regions.models import Level, Region
from households import codes
from households.actions import teams as actions
from households.actions.register import Stale
from households.forms.team import MonthSheet, TeamMemberForm
from households.models import Attendance, TeamMember
from households.views.places import place_of
from households.views.visits import place

SIZE = 50
SHEET = 60
"""People on one month sheet: 31 cells each have to fit into one form."""
FIRST_YEAR = 2014


@require_GET
@require(P.VILLAGE_VIEW)
def team_list(request):
    """Members of the teams of a place: those of today, with `?all=1` also who left."""
    today, here = timezone.localdate(), place_of(request)
    rows = TeamMember.objects.visible_to(request.user)
    rows = rows.within(here) if here is not None else rows
    everybody = bool(request.GET.get("all"))
    if not everybody:
        rows = rows.in_month(today, today)
    found = page(
        rows, [Key("region_path"), Key("id")], key_of=lambda row: (row.region_path, row.pk), size=SIZE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        row.place = place(names, row.region_path)
        row.gone = row.ends_on is not None and row.ends_on < today
    return render(request, "teams/team_list.html", {
        "page": found, "total": rows.count(), "villages": rows.order_by().values("region_path").distinct().count(),
        "here_place": here, "everybody": everybody, "may_edit": request.user.may(P.TEAM_EDIT), "today": today,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(P.TEAM_EDIT)
def team_member_new(request):
    return _form(request, TeamMember(starts_on=timezone.localdate()))


@require_http_methods(["GET", "POST"])
@require(P.TEAM_EDIT)
def team_member_edit(request, pk):
    return _form(request, get_object_or_404(TeamMember.objects.visible_to(request.user, P.TEAM_EDIT), pk=pk))


def _form(request, member):
    villages = Region.objects.visible_to(request.user, P.TEAM_EDIT).filter(level=Level.VILLAGE, valid_to=None)
    form = TeamMemberForm(
        request.POST or None, instance=member, villages=villages.select_related("parent").order_by("path")
    )
    version, stale = member.version, False
    if request.method == "POST" and form.is_valid():
        typed = request.POST.get("version", "")
        try:
            return once(request, lambda: _save(request, form, int(typed) if typed.isdecimal() else 0))
        except Stale:
            now = TeamMember.objects.visible_to(request.user, P.TEAM_EDIT).get(pk=member.pk)
            version, stale = now.version, True
            form.add_error(
                None, f"{now.updated_by} 刚刚改过这一行。您填的都在；看过再按一次保存，以您的为准。"
            )
        except ValidationError as error:
            form.add_error(None, error)
    elif request.method == "POST":
        version = request.POST.get("version", version)
    return render(request, "teams/member_form.html", {
        "form": form, "member": member, "version": version,
    }, status=(409 if stale else 422) if request.method == "POST" else 200)  # fmt: skip


def _save(request, form, version):
    member = actions.save_team_member(member=form.instance, by=request.user, version=version)
    messages.success(request, f"已保存驻村队员{member}。")
    return reverse("team_list") + f"?region={member.region_path}"


@require_http_methods(["GET", "POST"])
@require(P.VILLAGE_VIEW)
def attendance(request):
    """The month sheet of a place (`?region=&month=2026-03`): a row a person, a cell a day."""
    today, here = timezone.localdate(), place_of(request)
    year, month = _month(request, today)
    first, last = date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    may_edit = request.user.may(P.TEAM_EDIT)
    members = TeamMember.objects.visible_to(request.user, P.TEAM_EDIT if may_edit else None)
    members = members.within(here) if here is not None else members
    rows = (
        members.in_month(first, last).select_related("region").order_by("region_path", "duty", "name", "pk")
    )
    shown = Paginator(rows, SHEET).get_page(request.GET.get("page"))
    sheet, problem, status = _sheet(request, list(shown), year, month, today), "", 200
    if request.method == "POST":
        if "paste" in request.POST:
            sheet.paste(request.POST.get("pasted", ""))
        else:
            try:
                done, problem, status = _submitted(request, sheet, year, month)
            except ValidationError as error:
                done, problem, status = None, "；".join(error.messages), 422
            if done is not None:
                return done
    names = Region.objects.names({line.member.region_path for line in sheet.lines})
    for line in sheet.draw().lines:
        line.place = place(names, line.member.region_path)
    return render(request, "teams/attendance.html", {
        "sheet": sheet, "page": shown, "year": year, "month": month, "here_place": here, "may_edit": may_edit,
        "may_report": request.user.may(P.REPORT_EXPORT), "problem": problem, "signs": [(codes.DAY_SIGNS[value], value, label) for value, label in codes.DayState.choices if value != "0"],
        "least": codes.TEAM_DAYS_A_MONTH, "before": _step(year, month, -1), "after": _step(year, month, 1) if last < today else "",
        "this": f"{year}-{month:02}", "pasted": request.POST.get("pasted", "") if sheet.unplaced else "",
        "lines": "\n".join(sheet.unplaced),
    }, status=status)  # fmt: skip


def _sheet(request, members, year, month, today):
    held = {
        row.member_id: row
        for row in Attendance.objects.visible_to(request.user)
        .filter(member__in=[member.pk for member in members], year=year, month=month)
        .select_related("updated_by")
    }  # fmt: skip
    return MonthSheet(members, held, year, month, today, request.POST if request.method == "POST" else None)


def _submitted(request, sheet, year, month):
    """(redirect, "", 0) when it is saved; (None, what is wrong, status) with the lines that say where."""
    changed = sheet.values()
    if changed is None:
        return None, "还没有保存：标红的行要先改正，已填的都在。", 422
    try:
        return once(request, lambda: _saved(request, changed, year, month)), "", 302
    except Stale as error:
        for line in sheet.lines:
            if line.member in error.args[0]:
                now = Attendance.objects.visible_to(request.user).select_related("updated_by").get(
                    member=line.member, year=year, month=month
                )  # fmt: skip
                signs = "".join(codes.DAY_SIGNS.get(state, "·") for state in now.days)
                line.version, line.held = now.version, now
                line.error = (
                    f"{now.updated_by} 刚刚保存过这一行（{signs}）。您填的都在；再按一次保存，以您的为准。"
                )
        return None, "还没有保存：有几行别人刚刚填过。", 409


def _saved(request, changed, year, month):
    count = actions.save_attendance(year=year, month=month, rows=changed, by=request.user) if changed else 0
    messages.success(request, f"已保存 {count} 人的考勤。" if count else "没有改动。")
    return request.get_full_path()


def _month(request, today):
    """The month asked for, this one by default; never one to come."""
    year, _, month = request.GET.get("month", "").partition("-")
    known = year.isdecimal() and month.isdecimal() and int(year) >= FIRST_YEAR and 1 <= int(month) <= 12
    if known and (int(year), int(month)) <= (today.year, today.month):
        return int(year), int(month)
    return today.year, today.month


def _step(year, month, by):
    at = year * 12 + month - 1 + by
    return f"{at // 12}-{at % 12 + 1:02}"
