"""Tests of desktop.hardware."""
