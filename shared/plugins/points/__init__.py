"""The places where a plugin can stand in; each module is one point."""
