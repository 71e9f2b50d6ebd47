"""Pages for who manages accounts: people, their posts, one-time passwords."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts import actions
from fupin.accounts.access import require
from fupin.accounts.forms import EndPostForm, NewUserForm, PersonForm, PostForm
from fupin.accounts.fresh import fresh_login, fresh_to_post
from fupin.accounts.models import Otp, Post, User
from fupin.accounts.oversight import too_much
from fupin.accounts.roles import BY_PAIRING, Role
from fupin.accounts.roles import Permission as P
from fupin.accounts.submissions import already, remember
from fupin.catalogue import offers
from fupin.regions.models import Level, Region, ancestors_of

PAGE_SIZE = 50
SUGGESTIONS = 20


@require_GET
@require(P.USER_MANAGE)
def user_list(request):
    query, role, state = (request.GET.get(name, "").strip() for name in ("q", "role", "state"))
    rows = User.objects.visible_to(request.user).prefetch_related("posts__region")
    if query:
        rows = rows.filter(Q(username__icontains=query) | Q(name__icontains=query) | Q(unit__icontains=query))
    if role in Role.values:
        holders = Post.objects.visible_to(request.user).on(timezone.localdate()).filter(role=role)
        rows = rows.filter(pk__in=holders.values("user"))
    if state in {"on", "off"}:
        rows = rows.filter(is_active=state == "on")
    rows = rows.annotate(seen=Max("audit_events__at", filter=Q(audit_events__action="user.login"))).order_by(
        "username"
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    people = [(user, [post for post in user.posts.all() if _holds(post, today)]) for user in page]
    context = {"too_much": too_much(request.user), "page": page, "people": people, "places": _places(post.region for _, posts in people for post in posts),
               "query": query, "role": role, "state": state, "roles": Role.choices}  # fmt: skip
    return render(request, "accounts/user_list.html", context)


def _holds(post, today):
    return not post.waits and post.starts_on <= today and (post.ends_on is None or post.ends_on >= today)


def _places(regions):
    """`{path: full name}` below the province, in one query: 炉霍县 新都镇 昌龙村."""
    paths = {region.path for region in regions}
    short = Region.objects.names(paths)
    return {
        path: " ".join(short.get(part, "") for part in ancestors_of(path)[2:] or ancestors_of(path)) or "全国"
        for path in paths
    }


@require_http_methods(["GET", "POST"])
@require(P.USER_MANAGE)
@fresh_login
def user_new(request):
    person = NewUserForm(request.POST or None)
    post = PostForm(request.POST or None, by=request.user)
    if request.method == "POST":
        if done := already(request):
            return done
        if person.is_valid() & post.is_valid():
            try:
                with transaction.atomic():
                    fields = person.cleaned_data | post.cleaned_data
                    made, password = actions.create_user(by=request.user, **fields)
                    remember(request, reverse("user_edit", args=[made.pk]))
            except ValidationError as error:
                post.add_error(None, error.messages)
            except IntegrityError:  # the same submit a moment ago
                return redirect("user_list")
            else:
                return _show_password(request, made, password, "3 天")
        return render(
            request, "accounts/user_new.html", {"form": person, "post": post, "forms": [post]}, status=422
        )
    return render(request, "accounts/user_new.html", {"form": person, "post": post, "forms": [post]})


def _show_password(request, user, password, time):
    context = {"person": user, "password": password, "time": time}
    return render(request, "accounts/user_password.html", context)


def _user(request, pk):
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
@require(P.USER_MANAGE)
@fresh_to_post
def user_edit(request, pk):
    user = _user(request, pk)
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        fresh = _user(request, pk)  # the form has written into its own copy
        fields = form.cleaned_data | {
            "is_active": "active" in request.POST,
            "otp": Otp.ON if "otp" in request.POST else Otp.BY_ROLE,
        }
        changed = actions.change_user(fresh, by=request.user, **fields)
        messages.success(request, "已保存。" if changed else "没有改动。")
        return redirect("user_edit", pk=pk)
    return _edit_page(request, user, form, status=422 if request.method == "POST" else 200)


def _edit_page(request, user, form=None, post=None, status=200):
    posts = list(user.posts.select_related("region").order_by("-starts_on", "-pk"))
    mine = set(Post.objects.visible_to(request.user).filter(user=user).values_list("pk", flat=True))
    context = {
        "person": user,
        "form": form or PersonForm(instance=user),
        "post": post or PostForm(by=request.user),
        "posts": [(held, _holds(held, timezone.localdate()), held.pk in mine) for held in posts],
        "places": _places(held.region for held in posts),
        "manages": actions.manages(request.user, user),
        "today": timezone.localdate(),
        "second_on": user.otp == Otp.ON,
        "second_role": user.role_needs_otp,
        "second_set": hasattr(user, "authenticator"),
    }
    return render(request, "accounts/user_edit.html", context, status=status)


@require_POST
@require(P.USER_MANAGE)
@fresh_login
def post_open(request, pk):
    user = _user(request, pk)
    if done := already(request):
        return done
    form = PostForm(request.POST, by=request.user)
    if form.is_valid():
        try:
            with transaction.atomic():
                actions.open_post(user, by=request.user, **form.cleaned_data)
                remember(request, reverse("user_edit", args=[pk]))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            waits = user.posts.filter(waits=True).exists()
            messages.success(
                request, "岗位已增加，待安全管理员复核后生效。" if waits else "岗位已增加，立即生效。"
            )
            return redirect("user_edit", pk=pk)
    return _edit_page(request, user, post=form, status=422)


@require_POST
@require(P.USER_MANAGE)
@fresh_login
def post_end(request, pk):
    post = get_object_or_404(Post.objects.visible_to(request.user).select_related("user", "region"), pk=pk)
    form = EndPostForm(request.POST)
    left = _left_behind(post)
    if left:
        messages.error(request, left)
    elif form.is_valid():
        try:
            actions.end_post(post, by=request.user, on=form.cleaned_data["on"])
            messages.success(request, "岗位已结束。")
        except ValidationError as error:
            messages.error(request, error.messages[0])
    else:
        messages.error(request, "请填写最后一天的日期。")
    return redirect("user_edit", pk=post.user_id)


def _left_behind(post):
    """Why the post may not end yet: work that would fall to nobody. "" when it may. Who must go at once is disabled."""
    if post.role not in BY_PAIRING:
        return ""
    return "".join(ask(post.user) for ask in offers("LEAVING_MODULES", "LEAVING"))


@require_POST
@require(P.USER_MANAGE)
@fresh_login
def user_password(request, pk):
    user = _user(request, pk)
    return _show_password(request, user, actions.reset_password(user, by=request.user), "30 分钟")


@require_POST
@require(P.USER_MANAGE)
@fresh_login
def user_second(request, pk):
    """Take the second factor off an account whose telephone is lost."""
    user = _user(request, pk)
    actions.remove_second_factor(user, by=request.user)
    messages.success(request, "已解除动态码。需要两步验证的账号，下次登录时重新设置。")
    return redirect("user_edit", pk=pk)


@require_GET
@require(P.USER_MANAGE)
def region_options(request):
    """Suggestions for a RegionField as `<option>`s: places of one's own whose name or code begins as typed."""
    typed = request.GET.get("region", "").strip().split(" ")[0]
    if not typed:
        raise Http404
    condition = Q(path__startswith=typed) if typed.isdecimal() else Q(name__startswith=typed)
    found = Region.objects.visible_to(request.user, P.USER_MANAGE).filter(condition, level__lt=Level.GROUP)
    regions = list(found.order_by("path")[:SUGGESTIONS])
    return render(request, "accounts/_region_options.html", {"regions": regions, "places": _places(regions)})
