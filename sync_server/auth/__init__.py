"""Who may speak to the server: pairing codes, device keys, access tokens."""
