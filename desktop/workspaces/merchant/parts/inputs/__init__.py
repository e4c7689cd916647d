"""Small ways with forms and buttons."""
