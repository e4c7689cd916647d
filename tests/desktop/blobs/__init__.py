"""Tests of the files behind rows."""
