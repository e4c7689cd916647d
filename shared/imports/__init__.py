"""Runs of the import wizard and what undoes them."""
