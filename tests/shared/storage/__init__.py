"""Tests of shared.storage."""
