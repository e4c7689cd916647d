"""Who works here: the door of the back office."""
