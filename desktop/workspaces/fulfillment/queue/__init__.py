"""The orders that wait for this station."""
