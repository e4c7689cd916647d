"""How this device stands to its server, on every workspace: figures, words, and a page."""
