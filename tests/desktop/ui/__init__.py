"""Tests of the kit of parts."""
