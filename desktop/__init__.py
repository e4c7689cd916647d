"""THE CLIENT: Qt; reaches the business through desktop.work."""
