"""Tests of desktop.errors and desktop.settings."""
