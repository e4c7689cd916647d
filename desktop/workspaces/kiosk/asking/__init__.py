"""What keys and buttons of the till ask for: sheets are opened, answers handed on."""
