"""What a check of a file found out."""
