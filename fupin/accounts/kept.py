"""What a page had posted when its login had run out: kept through the login, so that nothing typed is lost.

The posted fields travel in the login form itself, as one signed and encrypted text: a page that stays open on a
village's computer tells nothing. Nothing is stored in the browser or in the database; the signature says that the text is ours, for which path it was, and whose session had run out.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from fupin.accounts.sessions import last_user
from fupin.crypt.boxes import open_sealed, seal
from fupin.crypt.sealing import Unreadable

SALT = "fupin.kept"
HOURS = 12
LIMIT = 1_500_000
"""Longest signed text: the login form that carries it must stay below the limit of a request's body."""
DROPPED = {"csrfmiddlewaretoken"}


@dataclass(frozen=True)
class Kept:
    """A submit that waits: `path` with its query, `fields` as (name, value), `files` that must be chosen again."""

    path: str
    fields: list
    files: list
    user: str | None


def keep(request):
    """The signed text of this POST, "" when it is too long to carry on, None when it carries nothing."""
    fields = [
        (name, value) for name, values in request.POST.lists() if name not in DROPPED for value in values
    ]
    files = [name for name, chosen in request.FILES.lists() if chosen]
    if not fields and not files:
        return None
    whose = last_user(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    text = signing.dumps(
        {"path": request.get_full_path(), "fields": fields, "files": files, "user": whose},
        salt=SALT, compress=True,
    )  # fmt: skip
    text = seal(text.encode(), SALT)
    return text if len(text) <= LIMIT else ""


def kept(text):
    """The submit in a signed text, or None when the text is empty, not ours or too old."""
    if not text:
        return None
    try:
        found = signing.loads(open_sealed(text, SALT).decode(), salt=SALT, max_age=HOURS * 3600)
    except (signing.BadSignature, Unreadable):
        return None
    fields = [(str(name), str(value)) for name, value in found["fields"]]
    return Kept(found["path"], fields, found["files"], found["user"])
