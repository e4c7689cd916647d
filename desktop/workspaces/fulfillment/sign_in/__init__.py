"""Who picks here now."""
