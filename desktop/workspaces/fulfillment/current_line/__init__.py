"""The line at hand."""
