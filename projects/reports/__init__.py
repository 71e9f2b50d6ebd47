"""The reports of projects (domain reference 6.2): R12, R13 and R14, and L09, the pool as its import reads it back."""

from projects.reports import pool, registers
from projects.reports.registers import PROGRESS

REPORTS = [*registers.REPORTS, *pool.REPORTS]
PER_HOUSEHOLD = registers.PER_HOUSEHOLD
__all__ = ["PER_HOUSEHOLD", "PROGRESS", "REPORTS"]
