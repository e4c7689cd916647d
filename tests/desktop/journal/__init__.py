"""Tests of desktop.journal."""
