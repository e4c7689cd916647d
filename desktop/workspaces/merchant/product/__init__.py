"""One product: its words, variants, stock and picture."""
