"""Tests of shared.inbox."""
