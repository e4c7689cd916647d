"""A limit on failed attempts, so that nobody tries pairing codes one after another."""

import threading
from collections import deque
from datetime import datetime, timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected


class Throttle:
    """Counts failures per caller and altogether within a window of time.

    It lives in one server process; each process has its own count.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        per_caller: int,
        altogether: int,
        window: timedelta = timedelta(minutes=1),
    ) -> None:
        self._clock = clock
        self._per_caller = per_caller
        self._altogether = altogether
        self._window = window
        self._failures: deque[tuple[datetime, str]] = deque()
        self._lock = threading.Lock()

    def check(self, caller: str) -> None:
        """Raise Rejected("too_many_attempts") while there were too many failures."""
        with self._lock:
            self._forget_old()
            of_caller = sum(1 for _at, who in self._failures if who == caller)
            if of_caller >= self._per_caller or len(self._failures) >= self._altogether:
                seconds = int(self._window.total_seconds())
                raise Rejected("too_many_attempts", seconds=seconds)

    def count_failure(self, caller: str) -> None:
        """Remember that an attempt of this caller failed."""
        with self._lock:
            self._forget_old()
            if len(self._failures) < self._altogether:
                self._failures.append((self._clock.now(), caller))

    def _forget_old(self) -> None:
        horizon = self._clock.now() - self._window
        while self._failures and self._failures[0][0] <= horizon:
            self._failures.popleft()
