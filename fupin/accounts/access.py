"""The door to pages: `@require(Permission.X)`. Not granted: 403. Login itself is closed by middleware."""

from functools import wraps

from django.core.exceptions import PermissionDenied


def require(*permissions):
    """Let in users who hold any of `permissions`. The view carries them as `view.permissions`, which the
    menu and the access matrix read."""

    def decorate(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            if not any(request.user.may(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        inner.permissions = frozenset(permissions)
        return inner

    return decorate
