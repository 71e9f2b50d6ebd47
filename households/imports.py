"""What households offer to the imports page: see fupin.catalogue."""

IMPORTS = []
