"""What households offer to the todo page: see fupin.catalogue."""

SOURCES = []
