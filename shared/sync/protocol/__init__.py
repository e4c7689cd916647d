"""The wire: one module per message, and the version that names their shapes."""
