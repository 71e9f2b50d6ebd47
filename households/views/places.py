"""Which place a page is about: the region menu and links say it as `?region=`."""

from django.shortcuts import get_object_or_404

from fupin.accounts.roles import Permission as P
from fupin.regions.models import Region


def place_of(request, permission=P.VILLAGE_VIEW):
    """The region asked for, inside the user's own (404 outside); without one, the user's widest, or None."""
    asked = request.GET.get("region", "")
    if asked:
        return get_object_or_404(Region.objects.visible_to(request.user, permission), path=asked)
    return request.user.home_region
