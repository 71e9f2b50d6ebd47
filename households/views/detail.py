"""一户一档: everything that is known about one household, on one page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from fupin.accounts.access import require
from fupin.accounts.roles import Permission as P
from households.models import Household


@require_GET
@require(P.HOUSEHOLD_VIEW)
def household_detail(request, pk):
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    return HttpResponse(household.number)


@require_POST
@require(P.HOUSEHOLD_VIEW)
def household_bulk(request):
    return HttpResponse("")
