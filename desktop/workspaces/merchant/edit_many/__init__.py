"""Many products at once: what to change, what comes of it, and taking it back."""
