"""What projects offer to the reports page: see fupin.catalogue."""

REPORTS = []
