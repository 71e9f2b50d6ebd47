"""What projects offer to the imports page: see fupin.catalogue."""

IMPORTS = []
