"""Sharing what is unsent with the other devices of the store, without the server."""
