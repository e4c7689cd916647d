"""Devices and synchronisation: how this device and all others stand."""
