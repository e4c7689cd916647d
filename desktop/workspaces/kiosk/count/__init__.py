"""Counting a drawer by notes and coins."""
