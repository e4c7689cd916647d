"""Tests of desktop.work."""
