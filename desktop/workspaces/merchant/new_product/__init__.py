"""A new product with its options."""
