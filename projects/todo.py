"""What projects offer to the todo page: see fupin.catalogue."""

SOURCES = []
