"""Customers: the list."""
