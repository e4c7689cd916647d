"""An order taken by hand."""
