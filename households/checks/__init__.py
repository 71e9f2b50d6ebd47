"""数据体检: the fifty rules that find doubtful data (domain reference 3.9; the numbers are its own).

A rule looks at one household read whole (`case.Case`) and yields what it found. `check()` reads households in bulk,
a fixed number of queries per 500, and brings the Doubt rows up to date. Severity E cannot be typed into the form,
but may stand in older data; W never blocks.
"""

from households.checks.case import cases
from households.checks.catalogue import ALL, BY_CODE, ENFORCED, RULES, SEVERITY_LABELS
from households.checks.rules import current
from households.checks.store import (
    FINDING,
    check,
    check_all,
    check_due,
    check_villages,
    due,
    explain,
    findings,
    foresee,
)

__all__ = [
    "ALL",
    "BY_CODE",
    "ENFORCED",
    "FINDING",
    "RULES",
    "SEVERITY_LABELS",
    "cases",
    "check",
    "check_all",
    "check_due",
    "check_villages",
    "current",
    "due",
    "explain",
    "findings",
    "foresee",
]
