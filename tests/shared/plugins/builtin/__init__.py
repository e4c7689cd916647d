"""Tests of shared/plugins/builtin."""
