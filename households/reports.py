"""What households offer to the reports page: see fupin.catalogue."""

REPORTS = []

PER_HOUSEHOLD = []
