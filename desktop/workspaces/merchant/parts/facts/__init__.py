"""Names beside values, and figures in columns."""
