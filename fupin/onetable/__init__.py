"""一表通: a bureau's empty form is read once, matched to our figures and fields, corrected once, and filled for any place and day."""
