"""Tests of shared.sync."""
