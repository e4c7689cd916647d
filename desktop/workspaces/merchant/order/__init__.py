"""One order: lines, money, deliveries, and what happened to it."""
