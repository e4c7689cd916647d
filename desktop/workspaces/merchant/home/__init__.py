"""Home: today at a glance, and what a new shop does next."""
