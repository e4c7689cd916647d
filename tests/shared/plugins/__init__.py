"""Tests of shared/plugins."""
