"""数据体检: how many doubts each rule found in a place, the doubts themselves, and explaining one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import once
from fupin.paging import Key, page
from fupin.regions.models import Region
from households import checks
from households.doubt_filters import DoubtFilter, current_doubts
from households.models import Doubt

SIZE = 30
REASON = 200


@require_GET
@require(P.HOUSEHOLD_VIEW)
def doubt_list(request):
    bar = DoubtFilter(request.GET, current_doubts(request.user), user=request.user)
    found = page(
        bar.qs.select_related("household", "member", "explained_by", "profile__region"),
        [Key("region_path"), Key("rule"), Key("id")],
        key_of=lambda row: (row.region_path, row.rule, row.pk),
        size=SIZE, after=request.GET.get("after", ""), before=request.GET.get("before", ""),
    )  # fmt: skip
    names = Region.objects.names({row.region_path for row in found.rows})
    for row in found.rows:
        row.entry = checks.BY_CODE.get(row.rule)
        row.village = names.get(row.region_path[:12], "")
        row.group = names.get(row.region_path, "") if len(row.region_path) > 12 else ""
        row.may_explain = _may_explain(request.user, row)
    context = {
        "bar": bar,
        "page": found,
        "rules": _by_rule(request.user, bar),
        "may_export": request.user.may(P.REPORT_EXPORT),
        "here_full": request.get_full_path(),
    }
    return render(request, "households/doubt_list.html", context)


def _by_rule(user, bar):
    """`[(rule, open, explained)]` of the place, whatever else is asked for: the way from one rule to the next."""
    rows = current_doubts(user)
    if bar.region_value:
        rows = bar.within(rows, "region", bar.region_value)
    counts = rows.order_by().values("rule").annotate(
        open=Count("pk", filter=Q(explained="")), explained=Count("pk", filter=~Q(explained=""))
    )  # fmt: skip
    held = {row["rule"]: row for row in counts}
    found = [
        (rule, held[rule.code]["open"], held[rule.code]["explained"])
        for rule in checks.ALL
        if rule.code in held
    ]
    return sorted(found, key=lambda row: (row[0].severity, -row[1], row[0].code))


def _needs(doubt):
    return P.HOUSEHOLD_EDIT if doubt.household_id else P.VILLAGE_EDIT


def _may_explain(user, doubt):
    return any(doubt.region_path.startswith(path) for path in user.paths(_needs(doubt)))


@require_POST
@require(P.HOUSEHOLD_EDIT)
def doubt_explain(request, pk):
    """已核实无误 with a reason; without one, the doubt is opened again."""
    doubt = get_object_or_404(Doubt.objects.visible_to(request.user), pk=pk)
    if not Doubt.objects.visible_to(request.user, _needs(doubt)).filter(pk=pk).exists():
        messages.error(request, "您的岗位不能核实这条疑点。")
        return redirect("doubt_list")
    location = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(location, allowed_hosts=None):
        location = reverse("doubt_list")
    reason, reopen = request.POST.get("reason", "").strip()[:REASON], request.POST.get("reopen")
    if not reason and not reopen:
        messages.error(request, "请写明核实无误的理由。")
        return redirect(location)

    def act():
        checks.explain(doubt, reason="" if reopen else reason, by=request.user)
        messages.success(
            request, "已重新列为疑点。" if reopen else "已记为核实无误，依据的数据变动后会重新列出。"
        )
        return location

    try:
        return once(request, act)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(location)
