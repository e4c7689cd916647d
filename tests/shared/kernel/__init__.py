"""Tests of shared/kernel."""
