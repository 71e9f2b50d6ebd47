"""What happens to a request without a login: a page leads to the login, a submit is kept through it."""

from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from fupin.accounts.forms import LoginForm
from fupin.accounts.kept import keep, kept

TIMED_OUT = "登录已超时。刚才填写的内容没有丢，登录后可以继续提交。"
TOO_LONG = "登录已超时，刚才的内容太长，没有保留。"
FIRST_PAGES = {"password_change", "login", "logout", "health"}
"""What a person reaches whose password is a one-time one or too old: nothing before it is replaced."""


def safe_next(request, address):
    """`address` when it stays on this site, else the first page."""
    if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return address
    return "/"


def page_before(request, header="Referer"):
    """Path and query of the page that sent this request, or "" when it was not one of ours."""
    sent_from = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(sent_from, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(sent_from)
    return parts._replace(scheme="", netloc="", fragment="").geturl()


def login_address(next_page):
    query = QueryDict(mutable=True)
    if next_page:
        query["next"] = next_page
    return reverse("login") + (f"?{query.urlencode('/')}" if query else "")


class LoginDoor(LoginRequiredMiddleware):
    """Every page is closed unless it says otherwise. What a timed-out page posted goes along with the login form."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        user = request.user
        if user.is_authenticated and user.password_due and request.resolver_match.url_name not in FIRST_PAGES:
            if "HX-Request" in request.headers:
                return HttpResponse(headers={"HX-Redirect": reverse("password_change")})
            return redirect("password_change")
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(self, request, view_func):
        htmx = "HX-Request" in request.headers
        if request.method == "POST" and (text := keep(request)) is not None:
            return self._keep(request, text)
        before = page_before(request, "HX-Current-URL" if htmx else "Referer")
        if htmx:
            return HttpResponse(headers={"HX-Redirect": login_address(before)})
        return redirect(login_address(request.get_full_path() if request.method == "GET" else before))

    def _keep(self, request, text):
        context = {
            "form": LoginForm(request=request),
            "kept": text,
            "kept_note": TIMED_OUT if text else TOO_LONG,
            "next": page_before(request),
        }
        return whole_page(request, "accounts/login.html", context, 401)


def whole_page(request, template, context, status):
    """The page, also where htmx asked for a piece: it then takes the place of the whole one."""
    if "HX-Request" not in request.headers:
        return render(request, template, context, status=status)
    response = render(request, template, context)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response


def csrf_failed(request, reason=""):
    """A submit whose token is stale, as after a login in another tab. When the browser says that it comes from
    our own page, what was typed is offered again with a fresh token; from anywhere else it is refused."""
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if not ours or not (text := keep(request)):
        return render(request, "403_csrf.html", {"request_id": request.number}, status=403)
    if request.path == reverse("login") or not request.user.is_authenticated:
        again = request.path == reverse("login")
        context = {
            "form": LoginForm(request=request),
            "kept": request.POST.get("kept", "") if again else text,
            "kept_note": "页面已过期，请再登录一次。" if again else TIMED_OUT,
            "next": request.POST.get("next", "") if again else page_before(request),
        }
        return whole_page(request, "accounts/login.html", context, 403)
    return whole_page(request, "accounts/resume.html", {"waiting": kept(text), "why": "stale"}, 403)
