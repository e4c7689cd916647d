"""A machine becomes a device: server, pairing code, first fill."""
