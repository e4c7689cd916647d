"""Where the packing slip lies."""
