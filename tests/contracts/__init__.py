"""Contracts of the whole code base: house rules, import floors, pins."""
