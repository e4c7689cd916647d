"""Machines at the counter: printers and drawers, in threads of their own; no Qt."""
