"""From opening the drawer to the Z report."""
