"""A whole shop with its network, disks and clocks, played from one seed; the seed repeats it."""
