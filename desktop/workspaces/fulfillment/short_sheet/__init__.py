"""How many units are missing, and why."""
