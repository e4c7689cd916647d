"""Products: the list with instant search."""
