"""Importing one file: settings, rehearsal with exact effects, the run, and its end."""
