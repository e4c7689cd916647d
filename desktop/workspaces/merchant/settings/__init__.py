"""Settings: staff, tax rates, places and tills, and this device."""
