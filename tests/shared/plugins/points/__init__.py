"""Tests of shared/plugins/points."""
