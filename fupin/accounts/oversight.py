"""Pages for who watches over the others: what every post opens, and who looked at which numbers in a month."""

from collections import Counter
from datetime import date, datetime, time

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts import access_page, actions
from fupin.accounts.access import require
from fupin.accounts.fresh import fresh_login
from fupin.accounts.models import Post
from fupin.accounts.pii import FieldClass
from fupin.accounts.reveal import ACTION
from fupin.accounts.roles import THREE, Role
from fupin.accounts.roles import Permission as P
from fupin.audit.labels import target_labels
from fupin.audit.models import AuditEvent

PAGE_SIZE = 50
MONTHS = 12
"""Months to choose from."""


@require_GET
@require(P.ACCESS_REVIEW, P.USER_MANAGE, P.AUDIT_VIEW)
def access_table(request):
    """The policy as docs/access.md prints it, with how many people hold each role today in one's own places."""
    held = Counter(
        dict(
            Post.objects.visible_to(request.user, _reviewing(request.user))
            .on(timezone.localdate())
            .order_by()
            .values_list("role")
            .annotate(Count("user", distinct=True))
        )
    )
    chosen = request.GET.get("role", "")
    roles = [role for role in Role if role == chosen] or list(Role)
    at = [list(Role).index(role) for role in roles]
    context = {
        "waiting": _waiting(request.user),
        "too_much": too_much(request.user),
        "roles": [(role, held[role], access_page.REACH[role].label) for role in roles],
        "all_roles": Role.choices,
        "chosen": chosen if len(roles) == 1 else "",
        "rights": [(words, [marks[i] for i in at]) for words, marks in access_page.rights()],
        "addresses": [
            (title, name, [cells[i] for i in at], classes, fresh)
            for title, name, cells, classes, fresh in access_page.addresses()
        ],
    }
    return render(request, "accounts/access_table.html", context)


def _waiting(user):
    """`[(post, whether this user may confirm it)]` of the posts that wait for a second person."""
    if not user.may(P.ACCESS_REVIEW):
        return []
    rows = Post.objects.visible_to(user, P.ACCESS_REVIEW).filter(waits=True)
    rows = rows.select_related("user", "region", "opened_by").order_by("pk")[:PAGE_SIZE]
    return [(post, actions.may_confirm(user, post)) for post in rows]


def too_much(user):
    """What to say to who watches over accounts while somebody holds everything although the three administrators are
    there; "" when nothing is to be said."""
    if not user.permissions_today & {P.ACCESS_REVIEW, P.USER_MANAGE}:
        return ""
    rows = Post.objects.unscoped("posts").on(timezone.localdate()).filter(user__is_active=True)
    held = dict(
        rows.filter(role__in=[*THREE, Role.ADMINISTRATOR])
        .order_by()
        .values_list("role")
        .annotate(Count("user"))
    )
    if not held.get(Role.ADMINISTRATOR):
        return ""
    missing = [role.label for role in THREE if role not in held]
    if missing:
        return (
            f"系统仍由总管理员一人管理，还没有{'、'.join(missing)}。请分别指定三个人，再结束总管理员的岗位。"
        )
    return "系统管理员、安全管理员、审计管理员已经配齐，总管理员的岗位还没有结束：一个人仍持有全部权限，请结束这个岗位。"


@require_POST
@require(P.ACCESS_REVIEW)
@fresh_login
def post_confirm(request, pk):
    """The second person's word: `agree` 1 or 0."""
    post = get_object_or_404(
        Post.objects.visible_to(request.user, P.ACCESS_REVIEW).select_related("user"), pk=pk
    )
    agreed = request.POST.get("agree") == "1"
    try:
        actions.confirm_post(post, by=request.user, agreed=agreed)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(
            request, f"{post.user}的岗位已{'同意，立即生效' if agreed else '不同意，没有生效'}。"
        )
    return redirect("access_table")


def _reviewing(user):
    """The permission by which this user sees posts here."""
    return next(p for p in (P.ACCESS_REVIEW, P.USER_MANAGE, P.AUDIT_VIEW) if user.may(p))


@require_GET
@require(P.AUDIT_VIEW)
def reveal_list(request):
    """Every value that somebody looked at in full in a month: `?month=2026-11`, sums by person and class first."""
    today = timezone.localdate()
    first = _month(request.GET.get("month", ""), today)
    rows = AuditEvent.objects.visible_to(request.user).filter(
        action=ACTION, at__gte=_midnight(first), at__lt=_midnight(_next(first))
    )
    sums = {}
    for person, name, detail in rows.order_by().values_list("user", "user__name", "detail").iterator():
        line = sums.setdefault(person, {"name": name, "kinds": Counter(), "total": 0})
        line["kinds"][detail.get("kind") or "其他"] += 1
        line["total"] += 1
    kinds = [kind.value for kind in FieldClass if any(line["kinds"][kind.value] for line in sums.values())]
    kinds += ["其他"] if any(line["kinds"]["其他"] for line in sums.values()) else []
    page = Paginator(rows.select_related("user").order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    names = target_labels([event.target for event in page], request.user)
    context = {
        "month": first,
        "months": _months(today),
        "kinds": kinds,
        "people": [
            (line["name"], [line["kinds"][kind] for kind in kinds], line["total"])
            for line in sorted(sums.values(), key=lambda line: -line["total"])
        ],
        "total": sum(line["total"] for line in sums.values()),
        "page": page,
        "lines": [(event, names[event.target]) for event in page],
    }
    return render(request, "accounts/reveal_list.html", context)


def _month(text, today):
    found = parse_date(f"{text}-01") if len(text) == 7 else None
    return found or today.replace(day=1)


def _next(first):
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _months(today):
    return [date(today.year - (n >= today.month), (today.month - n - 1) % 12 + 1, 1) for n in range(MONTHS)]


def _midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
