"""The policy at the door: every request is held against its row of the policy table before a view runs."""

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404

from fupin.accounts.fresh import ask, is_fresh
from fupin.accounts.policy import POLICY
from fupin.accounts.trail import denied, unwritable
from fupin.audit.record import NotRecorded
from fupin.regions import scope

log = logging.getLogger("fupin.policy")


class PolicyDoor:
    """Closes what the table does not open. Stands after the login door: whoever comes here is logged in, or the
    address is an open one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with scope.strict():
            return self.get_response(request)

    @staticmethod
    def _refuse(request):
        """403, with its line in the trail; without the line not even that."""
        refusal = PermissionDenied()
        if request.user.is_authenticated:
            try:
                denied(request, refusal)
            except NotRecorded:
                return unwritable(request)
        raise refusal

    def process_exception(self, request, exception):
        """Rows in nobody's scope: a defect of ours. In production it looks like a row that is not there."""
        if isinstance(exception, scope.ScopeMissing) and not settings.SCOPE_RAISES:
            log.error("%s %s: %s", request.number, request.resolver_match.view_name, exception)
            raise Http404

    def process_view(self, request, view_func, view_args, view_kwargs):
        name = request.resolver_match.view_name
        rule = POLICY.get(name)
        if rule is None:
            log.error("address %s has no row in the policy table: closed", name)
            return self._refuse(request)
        if rule.open:
            return None
        if not rule.opens_to(request.user.permissions_today, request.method):
            return self._refuse(request)
        if rule.asks_again(request) and not is_fresh(request):
            return ask(request)
        return None
