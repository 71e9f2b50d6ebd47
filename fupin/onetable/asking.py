"""Who asks for what, where and when: what a form is filled with."""

from dataclasses import dataclass
from datetime import date

from fupin.excel.reports import Asked


@dataclass(frozen=True)
class AskedOn(Asked):
    """As a report is asked, on any day: 截至日期 is a day and not the end of a data year. `base` are conditions on
    households that narrow everything that counts households or people."""

    day: date | None = None
    base: tuple = ()

    @property
    def as_of(self):
        return self.day or super().as_of
