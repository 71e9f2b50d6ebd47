"""What projects offer to the panels page: see fupin.catalogue."""

PANELS = []
