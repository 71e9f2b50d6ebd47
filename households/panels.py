"""What households offer to the panels page: see fupin.catalogue."""

PANELS = []
