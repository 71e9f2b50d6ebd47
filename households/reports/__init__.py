"""The register's reports (domain reference 6.2), by subject: lists of households, summaries by place, work done,
villages, doubts, the household's own sheet."""

from households.reports import (
    cards,
    collected,
    doubts,
    duties,
    ledgers,
    makeup,
    registers,
    summaries,
    teams,
    villages,
    whole,
    work,
)

REPORTS = [
    *registers.REPORTS, *whole.REPORTS, *ledgers.REPORTS, *collected.REPORTS, *cards.REPORTS, *doubts.REPORTS, *summaries.REPORTS, *makeup.REPORTS, *villages.REPORTS, *duties.REPORTS, *teams.REPORTS, *work.REPORTS,
]  # fmt: skip

PER_HOUSEHOLD = []
"""Counts that other apps add to a household's line: `(row key, function of household ids and data year ->
{id: count})`."""
