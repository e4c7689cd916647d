"""What both ends of synchronisation agree on."""
