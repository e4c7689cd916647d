"""The three workspaces; strangers to each other."""
