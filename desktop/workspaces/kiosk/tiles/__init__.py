"""Quick keys: what is sold most, what the merchant picked, and product types."""
