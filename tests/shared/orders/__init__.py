"""Tests of shared.orders."""
