"""THE SERVER: FastAPI; runs the same handlers on PostgreSQL."""
