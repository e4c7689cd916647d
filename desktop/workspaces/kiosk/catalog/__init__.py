"""Finding what is sold: search as one types, scanned codes, tiles."""
