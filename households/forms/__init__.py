"""Forms of the household pages, by subject."""
