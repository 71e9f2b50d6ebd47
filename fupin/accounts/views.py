"""Login and logout in one or two steps, one's own profile and password."""

import time

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts import actions, second, sessions, throttle, waiting
from fupin.accounts.door import TIMED_OUT, safe_next
from fupin.accounts.forms import LoginForm
from fupin.accounts.second import enter
from fupin.audit.record import record


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "POST"])
def login_page(request):
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(safe_next(request, request.GET.get("next")))
        return _login_form(request, LoginForm(request=request), request.GET)
    started = time.monotonic()
    typed = waiting.typed(request)
    form = LoginForm(typed, request=request)
    try:
        with throttle.place():
            if not form.is_valid():
                throttle.level(started, form.hashed)
                return _login_form(request, form, typed, status=422)
    except throttle.Busy:
        return waiting.put_off(request)
    after = {name: typed.get(name, "") for name in ("next", "kept")}
    if form.user.needs_otp:
        return second.begin(request, form.user, **after)
    return enter(request, form.user, **after)


def _login_form(request, form, source, status=200):
    text = source.get("kept", "")
    context = {
        "form": form,
        "next": source.get("next", ""),
        "kept": text,
        "kept_note": TIMED_OUT if text else "",
    }
    return render(request, "accounts/login.html", context, status=status)


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
    """A new password. Who came in with a one-time one, which has counted by then, is not asked for it again."""
    kind = SetPasswordForm if request.user.password_until else PasswordChangeForm
    if request.method == "GET":
        return render(request, "accounts/password_change.html", {"form": kind(request.user)})
    form = kind(request.user, request.POST)
    if not form.is_valid():
        return render(request, "accounts/password_change.html", {"form": form}, status=422)
    actions.change_password(request.user, form.cleaned_data["new_password1"])
    update_session_auth_hash(request, request.user)
    messages.success(request, "密码已修改。其他设备上的登录已全部退出。")
    return redirect("profile")


@require_GET
def session_list(request):
    """Where one is logged in now."""
    rows = request.user.sessions.filter(expire_date__gt=sessions.moment(time.time())).order_by("-seen", "pk")
    return render(
        request, "accounts/session_list.html", {"rows": rows, "mine": request.session.get("handle", "")}
    )


@require_POST
def session_end(request):
    """End one of one's own sessions, named by its handle, or all but this one."""
    others = request.user.sessions.exclude(session_key=request.session.session_key)
    if handle := request.POST.get("handle", ""):
        others = others.filter(handle=handle)
    ended, _ = others.delete()
    if ended:
        record("user.sessions", request.user, by=request.user, ended=ended)
    messages.success(request, f"已退出 {ended} 处登录。" if ended else "那处登录已经结束。")
    return redirect("session_list")
