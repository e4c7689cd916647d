"""Tests of shared/pricing."""
