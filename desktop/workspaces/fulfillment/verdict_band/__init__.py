"""The verdict on the last scan."""
