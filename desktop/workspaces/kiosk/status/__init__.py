"""The strip that always says how the till stands."""
