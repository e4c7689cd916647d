"""The open sale: its lines, its totals, and what is done to them."""
