"""Who asks for what, where and when: what a form is filled with."""

from dataclasses import dataclass

from fupin.excel.reports import Asked


@dataclass(frozen=True)
class AskedOn(Asked):
    """As a report is asked, on any day. `base` are conditions on households that narrow everything that counts households or people."""

    base: tuple = ()
