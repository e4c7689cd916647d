"""Orders, their lines and the quantity ledger."""
