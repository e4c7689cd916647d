"""Pages with a header, and the stack that shows one of them."""
