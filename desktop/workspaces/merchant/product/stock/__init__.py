"""Stock of a variant: levels, movements, and how they are changed."""
