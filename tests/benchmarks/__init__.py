"""Measurements with budgets; run by ./run bench."""
