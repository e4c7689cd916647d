"""Tests of desktop.secrets."""
