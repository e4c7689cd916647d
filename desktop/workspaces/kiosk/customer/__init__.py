"""Finding the customer of a sale."""
