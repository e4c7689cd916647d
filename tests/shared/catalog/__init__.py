"""Tests of shared.catalog."""
