"""Tests of desktop.session."""
