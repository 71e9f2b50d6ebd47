"""What the apps offer (reports, imports, panels, to-dos, jobs), loaded by the names in settings.

The project package must not import an app, yet its pages show what the apps offer. Settings name modules by
dotted string; each module holds a list under the agreed name.
"""

from functools import cache
from importlib import import_module

from django.conf import settings


@cache
def offers(setting, attribute):
    """All entries of the list `attribute` in the modules that settings name under `setting`.

    `offers("REPORT_MODULES", "REPORTS")` is every report of every app, in the order of settings.
    """
    found = []
    for name in getattr(settings, setting):
        found += getattr(import_module(name), attribute)
    return tuple(found)
