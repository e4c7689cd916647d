"""Tests of signing in at the back office."""
