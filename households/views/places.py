"""Which place a page is about: the region menu and links say it as `?region=`."""

from django.shortcuts import get_object_or_404

from fupin.accounts.roles import Permission as P
from fupin.regions.models import Region


def place_of(request, permission=P.VILLAGE_VIEW):
    """The region asked for, inside the user's own (404 outside); without one, the user's widest, or None."""
    return place_asked(request.user, request.GET, permission) or request.user.home_region


def place_asked(user, query, permission):
    """The region that `query` names, inside those where `user` holds the permission (404 outside); None without one."""
    asked = query.get("region", "")
    return get_object_or_404(Region.objects.visible_to(user, permission), path=asked) if asked else None
