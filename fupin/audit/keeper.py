"""What the worker does for the trail all the time: seal it, leave a sign of life, carry the head out.

`tend()` is called many times a second and looks at its watch. Whatever goes wrong is logged and tried again: the
trail itself does not depend on it, and `verify_audit` tells of events that stayed unsealed and of silences.
"""

import logging
import threading
import time
from datetime import timedelta

from django.db import Error
from django.utils import timezone

from fupin.audit import witness
from fupin.audit.chain import NotRecorded
from fupin.audit.models import AuditEvent
from fupin.audit.record import record
from fupin.audit.seal import export_head, head_files, seal

log = logging.getLogger("fupin.audit")

SEAL = 5.0
"""Seconds between two looks for events to seal."""
HEARTBEAT = timedelta(minutes=5)
HEAD = 3600.0
BEAT = "audit.heartbeat"

_due = {"seal": 0.0, "beat": 0.0, "head": 0.0}
_one = threading.Lock()


def tend():
    """Do what is due."""
    if not _one.acquire(blocking=False):
        return
    try:
        _do("seal", SEAL, seal)
        _do("beat", 30.0, heartbeat)
        _do("head", 60.0, _hourly)
    finally:
        _one.release()


def _do(name, every, work):
    now = time.monotonic()
    if now < _due[name]:
        return
    _due[name] = now + every
    try:
        work()
    except (Error, NotRecorded):
        log.warning("%s of the trail: the database is busy, trying again", name)


def heartbeat(now=None):
    """One sign of life in five minutes, however many workers there are: a hole in them is a hole in the trail."""
    now = now or timezone.now()
    if AuditEvent.objects.unscoped("trail").filter(action=BEAT, at__gt=now - HEARTBEAT).exists():
        return None
    return record(BEAT, "worker", by=None)


def _hourly():
    witness.turn_over()
    path = head_files()[0]
    if not path.exists() or time.time() - path.stat().st_mtime >= HEAD:
        export_head()
