"""The tenant's stores, locations, registers, devices and users."""
