"""What the page of a product does with its picture."""
