"""The exceptions inbox: what needs a person, and what became of it."""
