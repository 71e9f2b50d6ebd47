"""Login and logout, one's own profile and password."""

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts.door import TIMED_OUT, safe_next
from fupin.accounts.forms import LoginForm
from fupin.accounts.kept import kept
from fupin.audit.record import record

OTHER_USER = "登录的不是原来的账号，超时前填写的内容没有带过来。"


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "POST"])
def login_page(request):
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(safe_next(request, request.GET.get("next")))
        return _login_form(request, LoginForm(request=request), request.GET)
    form = LoginForm(request.POST, request=request)
    if not form.is_valid():
        return _login_form(request, form, request.POST, status=422)
    _enter(request, form.user)
    waiting = kept(request.POST.get("kept", ""))
    if waiting is None:
        return redirect(safe_next(request, request.POST.get("next")))
    if waiting.user not in (None, str(form.user.pk)):
        messages.warning(request, OTHER_USER)
        return redirect(safe_next(request, request.POST.get("next")))
    return render(request, "accounts/resume.html", {"waiting": waiting, "stale": False})


def _login_form(request, form, source, status=200):
    text = source.get("kept", "")
    context = {
        "form": form,
        "next": source.get("next", ""),
        "kept": text,
        "kept_note": TIMED_OUT if text else "",
    }
    return render(request, "accounts/login.html", context, status=status)


def _enter(request, user):
    """A new session under a new key. Whatever stood in the session before is gone."""
    request.session.flush()
    login(request, user)
    where = user.home_region
    record("user.login", user, by=user, region_path=where.path if where else "")


@require_POST
@login_not_required
def logout_page(request):
    if request.user.is_authenticated:
        where = request.user.home_region
        record("user.logout", request.user, by=request.user, region_path=where.path if where else "")
    logout(request)
    response = redirect("login")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@require_GET
def profile(request):
    trail = request.user.audit_events.filter(action="user.login").order_by("-pk")[:10]
    return render(request, "accounts/profile.html", {"trail": trail})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request):
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            with transaction.atomic():
                form.user.password_until = None
                form.save()
                record("user.password", request.user, by=request.user)
            update_session_auth_hash(request, form.user)
            messages.success(request, "密码已修改。其他设备上的登录已全部退出。")
            return redirect("profile")
        return render(request, "accounts/password_change.html", {"form": form}, status=422)
    return render(request, "accounts/password_change.html", {"form": form})
