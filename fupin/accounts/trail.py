"""What every request leaves in the trail: whose data its page showed, and what was tried and refused.

A page whose event cannot be written is not shown, an action whose event cannot be written has not happened: 503.
"""

import logging

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string

from fupin.accounts.throttle import address_of
from fupin.audit import seen
from fupin.audit.record import NotRecorded, record, source

log = logging.getLogger("fupin.audit")

SHOWN = {200, 422}
"""Answers with a page. What a redirect loaded nobody has seen."""

VIEW, OPEN, DENIED = "page.view", "household.view", "authz.denied"


class Trail:
    """Middleware, inside the login door."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = source.set(str(address_of(request) or "")[:45])
        try:
            with seen.watching() as sight:
                request.sight = sight
                response = self.get_response(request)
                if sight and response.status_code in SHOWN and request.user.is_authenticated:
                    self._shown(request, sight)
                return response
        except NotRecorded:
            return unwritable(request)
        finally:
            source.reset(token)

    def process_exception(self, request, exception):
        """Runs once a view has given up: its transaction is rolled back, the refusal is written on its own."""
        if isinstance(exception, NotRecorded):
            return unwritable(request)
        if isinstance(exception, Http404 | PermissionDenied) and request.user.is_authenticated:
            try:
                denied(request, exception)
            except NotRecorded:
                return unwritable(request)
        return None

    @staticmethod
    def _shown(request, sight):
        name = request.resolver_match.url_name or ""
        one = next(iter(sight.households)) if len(sight.households) == 1 else None
        record(
            OPEN if one else VIEW, f"households.household:{one}" if one else name, by=request.user,
            region_path=home_of(request.user), seen=str(sight), **({"page": name} if one else {}),
        )  # fmt: skip


def home_of(user):
    return user.home_region.path if user.home_region else ""


def denied(request, exception):
    """Note a refusal with its true reason, which the user is not told."""
    match = request.resolver_match
    if match is None:
        return
    model, key = _asked_for(exception, match.kwargs)
    row = model._base_manager.filter(pk=key).first() if model is not None and key is not None else None
    if isinstance(exception, PermissionDenied):
        reason = str(exception) or "岗位没有这项权限"
    else:
        reason = "不存在" if row is None else "不在范围内"
    place = getattr(row, "region_path", "")
    record(
        DENIED, f"{model._meta.label_lower}:{key}" if model is not None and key is not None else match.url_name or "",
        by=request.user, region_path=place if isinstance(place, str) and place else home_of(request.user),
        page=match.url_name or "", method=request.method, reason=reason,
        asked={name: str(value)[:40] for name, value in match.kwargs.items()},
    )  # fmt: skip


def _asked_for(exception, kwargs):
    """`(model, key)` of what get_object_or_404 did not find: it names the model in its message."""
    words = str(exception)
    key = kwargs.get("pk", kwargs.get("uid"))
    if not words.startswith("No ") or key is None:
        return None, None
    name = words[3:].partition(" ")[0]
    model = next((m for m in apps.get_models() if m._meta.object_name == name), None)
    return (model, key) if "pk" in kwargs else (None, None)


def unwritable(request):
    log.error("the trail could not be written: %s", getattr(request, "number", ""))
    request.session.modified = False
    page = render_to_string("503.html", {"request_id": getattr(request, "number", "")})
    return HttpResponse(page, status=503, headers={"Retry-After": "60"})
