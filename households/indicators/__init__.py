"""What forms, pages and reports may ask of the register by name: one definition a figure (docs/indicators.md)."""

from fupin.accounts.roles import Permission as P
from fupin.onetable.vocabulary import Source
from households.indicators import entries, figures, homes, listing, villages, words

SOURCES = [
    Source("homes", words.CONDITIONS, words.MEASURES, entries.ENTRIES, figures.measured, listing.listed, ("household", "person"), "户和人", (P.HOUSEHOLD_VIEW, P.REPORT_EXPORT),
           lambda asked, path: homes.Reading(asked).count(path)),
    Source("villages", (), villages.MEASURES, (), villages.measured, title="村情", needs=(P.VILLAGE_VIEW, P.REPORT_EXPORT)),
]  # fmt: skip
