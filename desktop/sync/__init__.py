"""The device's end of synchronisation: what is said, when, over which line, and how it stands."""
