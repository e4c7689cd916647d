"""Orders: list, detail, and new ones by hand."""
