"""Shop stories across server and desktops."""
