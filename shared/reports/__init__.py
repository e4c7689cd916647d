"""Reports: read models over several slices; queries only."""
