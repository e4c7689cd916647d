"""The server's end of synchronisation: enrol, token, push, pull, wait."""
