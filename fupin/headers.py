"""Headers of every answer, errors and static files included: the security policy, the request's number, and how much
a request may bring."""

import logging
import secrets
import time

from django.conf import settings
from django.shortcuts import render

from fupin.logs import request_number

log = logging.getLogger("fupin.requests")

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer, whichever middleware or handler made it."""


class SecurityHeaders:
    """Outermost middleware: the strict content policy, and no caching of anything but static files.

    Scripts run only when they carry the number of this answer, `request.csp_nonce`: also a script file of ours that
    somebody managed to name in a text does not.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.csp_nonce = secrets.token_urlsafe(16)
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = POLICY.format(nonce=request.csp_nonce)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path_info.startswith("/static/") or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response


def address_of(request):
    """The caller's address. Behind our own proxy (FUPIN_HTTPS=1) it is the last hop that the proxy wrote;
    otherwise the header is the caller's own word and counts for nothing."""
    if settings.HTTPS:
        hop = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if hop:
            return hop[:45]
    return request.META.get("REMOTE_ADDR") or None


class RequestNumber:
    """Gives each request a number that the error page shows and the log repeats: the only link between them.

    Each request is a line in the log: who, from where, which page, what came of it. Never the query: it may hold
    what somebody looked for.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.number = secrets.token_hex(4).upper()
        token, started = request_number.set(request.number), time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request.number
            if not request.path_info.startswith("/static/") or response.status_code >= 400:
                level = logging.ERROR if response.status_code >= 500 else logging.INFO
                log.log(level, "request", extra={"fields": _line(request, response, started)})
        finally:
            request_number.reset(token)
        return response


def _line(request, response, started):
    user, match = getattr(request, "_cached_user", None), request.resolver_match
    return {
        "method": request.method or "",
        "path": request.path_info,
        "view": match.view_name or "" if match else "",
        "status": response.status_code,
        "ms": round((time.perf_counter() - started) * 1000),
        "user": user.pk if user else None,
        "address": address_of(request) or "",
    }


class BodyLimit:
    """Refuses a request that is too big before any of it is read: 413. Stands behind the login: who is not logged in
    has nothing to upload."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        limit = settings.REQUEST_BYTES if request.user.is_authenticated else settings.ANONYMOUS_BYTES
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        return too_big(request, limit) if length > limit else self.get_response(request)


def too_big(request, limit=None):
    """413, in words. Stands alone: nothing of the request has been read."""
    context = {"request_id": request.number, "limit": limit and limit >> 20}
    return render(request, "413.html", context, status=413)
