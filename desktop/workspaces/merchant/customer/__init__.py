"""One customer, or a new one."""
