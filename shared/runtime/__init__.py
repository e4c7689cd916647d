"""Runs the business: registry, bus, command log, reader."""
