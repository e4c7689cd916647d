"""Waiting in threads until something holds, whenever somebody says that something has happened."""

import threading
import time
from collections.abc import Callable


class Bell:
    """Rung by whatever moves; whoever waits looks again each time."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Something happened; from any thread."""
        with self._moved:
            self._rings += 1
            self._moved.notify_all()

    def until(self, holds: Callable[[], bool], patience_s: float) -> bool:
        """Wait until `holds()`, at most so long; says whether it does."""
        ends = time.monotonic() + patience_s
        while True:
            with self._moved:
                seen = self._rings
            if holds():
                return True
            with self._moved:
                left = ends - time.monotonic()
                if left <= 0 or not self._moved.wait_for(lambda: self._rings != seen, left):  # noqa: B023 - asked before the loop goes on
                    return holds()
