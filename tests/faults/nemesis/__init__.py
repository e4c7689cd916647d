"""Stories on a real PostgreSQL and a real server process, with everything that can go wrong."""
