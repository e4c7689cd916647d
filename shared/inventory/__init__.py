"""Stock: an append-only ledger and the levels derived from it."""
