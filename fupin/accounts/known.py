"""Who a session belongs to, read at every request by a query that is made once."""

from django.contrib.auth.backends import ModelBackend

from fupin.accounts.models import User
from fupin.prepared import prepared


@prepared
def _user(user):
    return User.objects.filter(pk=user)


class Known(ModelBackend):
    """Django's own check of a name and a password."""

    def get_user(self, user_id):
        user = _user.first(user_id)
        return user if user and self.user_can_authenticate(user) else None
