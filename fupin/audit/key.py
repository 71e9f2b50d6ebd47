"""The key of the trail: a file beside the database, never in it. Whoever has a copy of the database only cannot sign."""

from functools import cache

from django.conf import settings

from fupin.secrets import secret


@cache
def audit_key():
    """Bytes of the key. `FUPIN_AUDIT_KEY_FOLDER` puts the file on another disk."""
    return secret(settings.AUDIT_KEY_FOLDER, "audit_key").encode()
