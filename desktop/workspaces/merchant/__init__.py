"""The back office: catalog, orders, customers, imports, exceptions, devices and settings."""
