"""The screen of the till while people are served."""
