"""Parts that several screens of the back office are made of."""
