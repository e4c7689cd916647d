"""How a long look at the replica leaves the processor to people, and how it is ended."""

import threading
import time

from shared.kernel.errors import Unavailable

AT_WORK_SECONDS = 0.01
AT_REST_SECONDS = 0.01
"""A look that takes more than every second moment would be felt on a machine with few cores."""


class Breath:
    """Called every few rows by one long look; may be ended from any thread."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._since = time.monotonic()

    def __call__(self) -> None:
        """Rest when it is time to. Raises Unavailable("closing") once the look is to end."""
        has_worked = time.monotonic() - self._since >= AT_WORK_SECONDS
        if self._ended.wait(AT_REST_SECONDS if has_worked else 0.0):
            raise Unavailable("closing")
        if has_worked:
            self._since = time.monotonic()

    def end(self) -> None:
        """Let the look end with its next breath."""
        self._ended.set()
