"""Receipts and reports on screen, drawn as they stand on paper."""
