"""Golden carts: carts as people write them, with the figures that every end must charge."""
