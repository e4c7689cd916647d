"""Cases of the inbox on every workspace: their words, what can be done, and a page for each."""
