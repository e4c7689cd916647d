"""Sales that were put aside."""
