"""Filled by the projects helper."""

DEMOS = []
