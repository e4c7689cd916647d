"""The picture of a product as large as the window allows."""
