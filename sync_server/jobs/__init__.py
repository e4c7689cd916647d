"""Long work in processes of its own, away from those that answer requests."""
