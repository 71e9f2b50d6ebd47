"""帮扶手册 and 明白卡: a household on four sheets of A4, or on one, with a code that opens its file.

The code is the address of the household's page and nothing else: whoever scans it logs in and needs the right to it.
Health, illness, disability and what was paid for them stay out of both, whoever prints them: they lie open at home.
"""

from dataclasses import dataclass

import segno
from django.utils.safestring import mark_safe

from households import codes

MEMBERS, MEASURES, VISITS, INCOMES, HELPERS = 9, 9, 8, 5, 4
"""Rows that have their place on the sheet. Further members and measures go to a sheet of their own, further visits and
incomes stay in the register."""
CONTINUED = 26
"""Rows of a further sheet."""


def code(address):
    """The QR code of `address` as an <svg> without style or script; it takes the size of what surrounds it."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, border=2, title="户档案二维码"
    )
    drawn = drawn.replace("<svg ", '<svg role="img" aria-label="户档案二维码" ', 1)
    return mark_safe(drawn)  # noqa: S308 - made here out of an address of ours


@dataclass(frozen=True)
class Book:
    """One household's handbook: its Dossier and the code, cut into sheets."""

    d: object
    code: str

    @property
    def title(self):
        return "扶贫手册" if self.d.year <= codes.LAST_POOR_YEAR else "帮扶手册"

    @property
    def members(self):
        return _filled(self.d.members, MEMBERS)

    @property
    def incomes(self):
        return _filled(self.d.incomes[-INCOMES:], INCOMES)

    @property
    def measures(self):
        return _filled(self.d.measures, MEASURES)

    @property
    def visits(self):
        """The newest visits, oldest first, as a book is written; then room for the hand."""
        return _filled(self.d.visits[: VISITS - 2][::-1], VISITS)

    @property
    def further(self):
        """Sheets after the fourth: `[(members, measures)]`."""
        members, measures = self.d.members[MEMBERS:], self.d.measures[MEASURES:]
        sheets = [(members[at : at + CONTINUED], []) for at in range(0, len(members), CONTINUED)]
        return sheets + [([], measures[at : at + CONTINUED]) for at in range(0, len(measures), CONTINUED)]

    @property
    def helpers(self):
        return [row.helper for row in self.d.pairings[0]]

    @property
    def helper_lines(self):
        """Who was and is responsible, in the order of time: a new one gets a new line, the old one stays."""
        rows = sorted(
            (row for part in self.d.pairings for row in part), key=lambda row: (row.starts_on, row.pk)
        )
        return _filled(rows[-HELPERS:], HELPERS)

    @property
    def leaving(self):
        """The words of what ends: 退出 of the register, 风险消除 of monitoring."""
        return "风险消除" if self.d.household.risk_state in "13" else "退出"


def _filled(rows, count):
    """Rows for a table of `count` lines: the first ones, then None for an empty line."""
    rows = list(rows[:count])
    return rows + [None] * (count - len(rows))
