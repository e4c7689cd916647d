"""Imports: earlier runs, and how to undo them."""
