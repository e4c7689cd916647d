"""The business: synchronous and typed; no Qt, no web, no network."""
