"""How often Python looks for cycles in a process that makes rows by the hundred thousand."""

import gc

_NEW_OBJECTS = 50_000
_TIMES = 20


def collect_seldom() -> None:
    """Search after many new objects only.

    Rows and drafts make no cycles: their memory is freed when the last reference goes. With
    Python's own settings the search took a fifth of an import's time.
    """
    gc.set_threshold(_NEW_OBJECTS, _TIMES, _TIMES)
