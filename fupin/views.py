"""Pages of the project itself: the health check, the region menu, and what an error looks like."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from fupin.accounts.door import safe_next
from fupin.headers import too_big
from fupin.menu import scope_address
from fupin.regions.models import Region


@require_GET
@login_not_required
def health(request):
    """ "ok" when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@require_GET
def scope(request):
    """The regions of the user's posts and those directly below, each a link to a page of that region.

    `?from=` is the page it was opened on: the links stay there when that page takes a region.
    """
    path = safe_next(request, request.GET.get("from"))
    posts = {post.region.path: post.region for post in request.user.posts_today}
    groups = [(region, Region.objects.children(region.path)[:60]) for _, region in sorted(posts.items())]
    htmx = "HX-Request" in request.headers
    return render(
        request,
        "components/scope_menu.html" if htmx else "scope.html",
        {"groups": groups, "address": scope_address(request.user, path)},
    )


def bad_request(request, exception):
    """400; a request with too much in it is 413, in words of its own."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return too_big(request)
    return _error(request, "400.html", 400)


def forbidden(request, exception):
    return _error(request, "403.html", 403)


def not_found(request, exception):
    return _error(request, "404.html", 404)


def _error(request, template, status):
    """An error page in the shell. It shows the request's number and nothing of the request."""
    return render(request, template, {"request_id": request_id(request)}, status=status)


def failed(request):
    """The 500 page stands alone: whatever broke may break the menu too."""
    return HttpResponse(render_to_string("500.html", {"request_id": request_id(request)}), status=500)


def request_id(request):
    return getattr(request, "number", "")
