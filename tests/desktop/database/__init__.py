"""Tests of desktop.database."""
