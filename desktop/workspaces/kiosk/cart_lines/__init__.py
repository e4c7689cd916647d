"""The lines of the cart: names on up to two lines."""
