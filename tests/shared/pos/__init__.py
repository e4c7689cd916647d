"""Tests of shared.pos."""
