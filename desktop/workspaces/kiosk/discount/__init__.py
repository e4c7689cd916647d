"""Discounts on a line or on everything."""
