"""Tests of desktop.hub."""
