"""Upgrade paths of both database lineages."""
