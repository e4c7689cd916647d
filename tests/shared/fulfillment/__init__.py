"""Tests of shared.fulfillment."""
