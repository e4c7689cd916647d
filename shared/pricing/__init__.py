"""Prices, discounts, tax and rounding."""
