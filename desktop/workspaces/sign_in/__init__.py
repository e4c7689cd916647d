"""Signing in at the back office: who, and the PIN."""
