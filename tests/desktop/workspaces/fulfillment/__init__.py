"""Tests of the fulfillment station."""
