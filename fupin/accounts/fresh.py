"""Who is about to do something grave says once more who they are: unmasked exports, posts, other people's passwords.

Fresh is who has logged in, or said the password again, within MINUTES. `@fresh_login` closes a view to everybody
else; where only some submits are grave, the view itself asks `is_fresh(request)` and returns `ask(request)`. What
was posted is kept through the question, as through a login that ran out.
"""

import time
from functools import wraps

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fupin.accounts import throttle, waiting
from fupin.accounts.door import page_before, safe_next, whole_page
from fupin.accounts.forms import AgainForm
from fupin.accounts.kept import keep, kept
from fupin.audit.record import record

MINUTES = 15


def is_fresh(request):
    """Whether this session's user has proven who they are within MINUTES."""
    session = request.session
    return time.time() - max(session.get("since", 0), session.get("fresh", 0)) < MINUTES * 60


def ask(request):
    """The answer that asks for the password first, and carries along what was asked for or posted."""
    htmx = "HX-Request" in request.headers
    if request.method == "POST":
        context = {
            "form": AgainForm(request=request),
            "next": page_before(request, "HX-Current-URL" if htmx else "Referer"),
            "kept": keep(request) or "",
        }
        return whole_page(request, "accounts/fresh.html", context, 401)
    query = QueryDict(mutable=True)
    query["next"] = page_before(request, "HX-Current-URL") if htmx else request.get_full_path()
    address = f"{reverse('fresh')}?{query.urlencode('/')}"
    return HttpResponse(headers={"HX-Redirect": address}) if htmx else redirect(address)


def fresh_login(view):
    """Let in who is fresh; ask the others. The view carries `view.fresh`. Stands below `@require`."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        return view(request, *args, **kwargs) if is_fresh(request) else ask(request)

    inner.fresh = True
    return inner


def fresh_to_post(view):
    """As `fresh_login`, but looking at the page needs nothing: only what it posts does."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        if request.method == "POST" and not is_fresh(request):
            return ask(request)
        return view(request, *args, **kwargs)

    inner.fresh = True
    return inner


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def again(request):
    """The page that asks for the password again, and leads on to where it stood in the way."""
    started = time.monotonic()
    source = request.POST if request.method == "POST" else request.GET
    context = {"next": source.get("next", ""), "kept": source.get("kept", "")}
    if request.method == "GET":
        return render(request, "accounts/fresh.html", context | {"form": AgainForm(request=request)})
    form = AgainForm(waiting.typed(request), request=request)
    try:
        with throttle.place():
            if not form.is_valid():
                throttle.level(started, form.hashed)
                return render(request, "accounts/fresh.html", context | {"form": form}, status=422)
    except throttle.Busy:
        return waiting.put_off(request)
    record("user.again", request.user, by=request.user)
    request.session.cycle_key()
    request.session["fresh"] = int(time.time())
    held = kept(context["kept"])
    if held is None or held.user not in (None, str(request.user.pk)):
        return redirect(safe_next(request, context["next"]))
    return render(request, "accounts/resume.html", {"waiting": held, "why": "again"})
