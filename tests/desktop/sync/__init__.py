"""Tests of desktop.sync."""
