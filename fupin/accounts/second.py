"""The second step of a login, and the pages on which a person sets it up.

Between the two steps nobody is logged in: the session holds whose password was right and since when, and no page
but these looks at it. A person whose role demands a second factor and who has none yet sets it up here.
"""

import time

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fupin.accounts import otp, sessions, throttle
from fupin.accounts.door import safe_next
from fupin.accounts.forms import WRONG_CODE, CodeForm
from fupin.accounts.fresh import fresh_login
from fupin.accounts.kept import kept
from fupin.accounts.models import Otp, User
from fupin.audit.record import record

HALF = "half"
MINUTES = 10
"""How long the first step counts."""
SETUP = "otp_setup"
OTHER_USER = "登录的不是原来的账号，超时前填写的内容没有带过来。"
TOO_LATE = "两步之间隔得太久，请重新登录。"


def enter(request, user, *, next="", kept="", step=""):
    """The login is complete: lead on to where it stood in the way, the page asked for or the submit that was kept."""
    if not start(request, user, step):
        messages.error(request, TOO_LATE)
        return redirect("login")
    waiting = waiting_for(request, user, kept)
    if waiting is None:
        return redirect(safe_next(request, next))
    return render(request, "accounts/resume.html", {"waiting": waiting, "why": "login"})


def waiting_for(request, user, text):
    """The kept submit of this user. Another's is not handed over, and a message says so."""
    waiting = kept(text)
    if waiting is not None and waiting.user not in (None, str(user.pk)):
        messages.warning(request, OTHER_USER)
        return None
    return waiting


def start(request, user, step=""):
    """A new session under a new key; whatever stood in the session before is gone. False when the one-time password
    that led here has been used by somebody else a moment ago: it counts for one login."""
    where = user.home_region
    detail = {"second": step} if step else {}
    with transaction.atomic():
        if user.password_until and not user.spend_one_time():
            return False
        record("user.login", user, by=user, region_path=where.path if where else "", **detail)
    request.session.flush()
    login(request, user)
    address = throttle.address_of(request)
    request.session["address"] = address or ""
    request.session["agent"] = sessions.device(request.headers.get("User-Agent", ""))
    throttle.entered(user.username, address)
    return True


def begin(request, user, *, next, kept):
    """The password was right: ask for the code, or have the person set it up first. Nobody is logged in yet."""
    request.session.flush()
    request.session[HALF] = {
        "user": user.pk, "at": int(time.time()), "hash": user.get_session_auth_hash(), "next": next,
    }  # fmt: skip
    if not hasattr(user, "authenticator"):
        return _setup_page(request, user, kept=kept, next=next)
    return _code_page(request, user, CodeForm(request=request, user=user), kept)


def half(request):
    """Whose password was right in this session within MINUTES, as long as nothing about the account has changed."""
    found = request.session.get(HALF)
    if not found or time.time() - found["at"] > MINUTES * 60:
        return None
    user = User.objects.filter(pk=found["user"], is_active=True).first()
    return user if user and constant_time_compare(found["hash"], user.get_session_auth_hash()) else None


def _too_late(request):
    messages.warning(request, TOO_LATE)
    return redirect("login")


def _code_page(request, user, form, kept, status=200):
    context = {"form": form, "kept": kept, "person": user}
    return render(request, "accounts/login_code.html", context, status=status)


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "POST"])
def login_code(request):
    user = half(request)
    if user is None or not hasattr(user, "authenticator"):
        return redirect("login") if user is None and request.method == "GET" else _too_late(request)
    text = request.POST.get("kept", "")
    if request.method == "GET":
        return _code_page(request, user, CodeForm(request=request, user=user), text)
    form = CodeForm(request.POST, request=request, user=user)
    if not form.is_valid():
        return _code_page(request, user, form, text, status=422)
    if form.used == "recovery":
        left = user.recovery_codes.count()
        answer = enter(request, user, next=request.session[HALF]["next"], kept=text, step=form.used)
        messages.warning(
            request, f"这个恢复码已经用掉，还剩 {left} 个。请在“个人信息 → 两步验证”里换手机或重出恢复码。"
        )
        return answer
    return enter(request, user, next=request.session[HALF]["next"], kept=text, step=form.used)


def _setup_page(request, user, *, kept="", next="", problem="", status=200):
    """The QR code of a secret that waits in the session, sealed, until a code of it has been typed."""
    sealed = request.session.get(SETUP, "")
    secret = otp.unseal(sealed, user) if sealed else None
    if secret is None:
        secret = otp.new_secret()
        request.session[SETUP] = otp.seal(secret, user)
    context = {
        "person": user, "picture": otp.picture(secret, user), "secret": otp.shown(secret), "kept": kept,
        "next": next, "problem": problem, "demanded": demanded(user),
    }  # fmt: skip
    template = "accounts/second_setup.html" if request.user.is_authenticated else "accounts/login_setup.html"
    return render(request, template, context, status=status)


def _set_up(request, user):
    """Recovery codes when the code typed belongs to the waiting secret, else None."""
    who, address = f"#{user.pk}", throttle.address_of(request)
    sealed = request.session.get(SETUP, "")
    secret = otp.unseal(sealed, user) if sealed else None
    if secret is None or not throttle.attempt(who, address, throttle.CODE):
        return None
    step = otp.step_of(secret, otp.cleaned(request.POST.get("code", "")), time.time())
    if step is None:
        return None
    throttle.succeeded(who, address, throttle.CODE)
    with transaction.atomic():
        codes = otp.enrol(user, secret, step)
        record("user.otp_on", user, by=user)
    return codes


def demanded(user):
    """Whether the second factor is not this person's own choice: a role or a manager asks for it."""
    return user.otp == Otp.ON or user.role_needs_otp


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "POST"])
def login_setup(request):
    user = half(request)
    if user is None or hasattr(user, "authenticator"):
        return redirect("login") if user is None and request.method == "GET" else _too_late(request)
    where, text = request.session[HALF]["next"], request.POST.get("kept", "")
    if request.method == "GET":
        return _setup_page(request, user, next=where)
    codes = _set_up(request, user)
    if codes is None:
        return _setup_page(request, user, kept=text, next=where, problem=WRONG_CODE, status=422)
    if not start(request, user, "setup"):
        return _too_late(request)
    return _codes_page(request, codes, safe_next(request, where), waiting_for(request, user, text))


def _codes_page(request, codes, next, waiting=None):
    context = {"codes": codes, "next": next, "waiting": waiting}
    return render(request, "accounts/recovery_codes.html", context)


@require_GET
def second_factor(request):
    context = {
        "device": getattr(request.user, "authenticator", None), "demanded": demanded(request.user),
        "left": request.user.recovery_codes.count(),
    }  # fmt: skip
    return render(request, "accounts/second_factor.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@fresh_login
def second_setup(request):
    """Set up the second factor, or move it to another telephone."""
    if request.method == "GET":
        request.session.pop(SETUP, None)
        return _setup_page(request, request.user)
    codes = _set_up(request, request.user)
    if codes is None:
        return _setup_page(request, request.user, problem=WRONG_CODE, status=422)
    request.session.pop(SETUP, None)
    return _codes_page(request, codes, "/profile/second/")


@require_POST
@fresh_login
def second_codes(request):
    """New recovery codes; the old ones count no more."""
    if not hasattr(request.user, "authenticator"):
        messages.error(request, "还没有开启两步验证。")
        return redirect("second_factor")
    with transaction.atomic():
        codes = otp.new_codes(request.user)
        record("user.otp_codes", request.user, by=request.user)
    return _codes_page(request, codes, "/profile/second/")


@require_POST
@fresh_login
def second_off(request):
    """Without a second factor again, where nobody asks for one."""
    if demanded(request.user):
        messages.error(request, "您的岗位或管理员要求两步验证，不能关闭。")
        return redirect("second_factor")
    with transaction.atomic():
        otp.remove(request.user)
        record("user.otp_off", request.user, by=request.user)
    messages.success(request, "两步验证已关闭。")
    return redirect("second_factor")
