"""Cash that moves without a sale."""
