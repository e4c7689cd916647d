"""Somebody who may allows what the cashier may not do alone."""
