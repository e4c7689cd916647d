"""Plain HTTP: health, readiness, the page for people."""
