"""Asking for paper: copies, receipts on screen, the X report."""
