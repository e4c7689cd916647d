"""Tests of desktop.enrolment."""
