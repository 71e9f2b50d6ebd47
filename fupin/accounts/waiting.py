"""Who logs in while many do: nobody holds a thread of the server for it, and nothing has to be typed again.

A password takes a fifth of a second of a processor, so only a few are looked at together (`throttle.place`). Everybody
else is told at once when to come again, and is given what was typed along, sealed for this address and a few minutes:
the page sends it again by itself, or by its button. Those told one after another are told different moments, as far
apart as the places come free; so a hundred people who press the button together come in one by one.
"""

import json
import random
import time
from math import ceil

from django.http import QueryDict
from django.shortcuts import render

from fupin.accounts import throttle
from fupin.crypt.boxes import open_sealed, seal
from fupin.crypt.sealing import Unreadable

PURPOSE = "fupin.waiting"
MINUTES = 5
"""How long what was typed may be sent again. Afterwards the form asks for it anew."""
ALONG = {"next", "kept"}
"""Fields that travel as they are: they say nothing, or are sealed already."""


def typed(request):
    """What was typed: the fields of this POST, with those of the waiting one that it carries."""
    found, text = request.POST.copy(), request.POST.get("waiting", "")
    found.pop("waiting", None)
    if text:
        for name, value in _fields(text, request.path).items():
            found[name] = value
    return found


def _fields(text, path):
    try:
        held = json.loads(open_sealed(text, PURPOSE, path))
    except (Unreadable, ValueError):
        return {}
    return held["fields"] if time.time() - held["at"] < MINUTES * 60 else {}


def put_off(request):
    """429: all places are taken. The page comes again by itself."""
    again = "waiting" in request.POST
    text = request.POST.get("waiting", "")
    if not again:
        held = {
            name: value for name, value in request.POST.items() if name not in ALONG | {"csrfmiddlewaretoken"}
        }
        text = seal(json.dumps({"at": int(time.time()), "fields": held}).encode(), PURPOSE, request.path)
    along = QueryDict(mutable=True)
    for name in ALONG & request.POST.keys():
        along[name] = request.POST[name]
    seconds = throttle.turn(again) + random.uniform(0, 0.2)  # noqa: S311 (no secret)
    context = {"waiting": text, "along": along.items(), "seconds": f"{seconds:.1f}", "about": ceil(seconds)}
    answer = render(request, "accounts/busy.html", context, status=429)
    answer.headers["Retry-After"] = str(ceil(seconds))
    return answer
