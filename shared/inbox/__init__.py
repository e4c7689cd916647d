"""Cases: what went wrong or odd and waits for a person."""
