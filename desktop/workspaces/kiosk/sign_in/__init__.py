"""Who works at the till: choosing a name, the PIN, the lock."""
