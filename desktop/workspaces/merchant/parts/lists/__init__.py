"""Pages that show a list: segments, filters, search and table."""
