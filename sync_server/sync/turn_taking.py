"""So many requests of one kind and tenant at a time, so that no tenant holds up the others."""

import asyncio
from collections import defaultdict

Turns = defaultdict[str, asyncio.Semaphore]


def turns(most: int) -> Turns:
    """So many at a time of each tenant."""
    return defaultdict(lambda: asyncio.Semaphore(most))
