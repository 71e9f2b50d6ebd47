"""Headers of every answer, errors and static files included: the security policy, and the request's number."""

import logging
import secrets

log = logging.getLogger("fupin.requests")

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class SecurityHeaders:
    """Outermost middleware: the strict content policy, and no caching of anything but static files."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path_info.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class RequestNumber:
    """Gives each request a number that the error page shows and the log repeats: the only link between them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.number = secrets.token_hex(4).upper()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.number
        if response.status_code >= 500:
            log.error("%s %s %s", request.number, request.method, response.status_code)
        return response
