"""The variants of a product, with prices to be typed in place."""
