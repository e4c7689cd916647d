"""A shop's network without multicast: who is there is known at once."""

import asyncio
import threading
from collections.abc import Callable, Mapping

from desktop.hub.finder import Spot


class Meeting:
    """Who listens where; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spots: dict[str, Spot] = {}
        self._hearers: dict[str, Callable[[], None]] = {}

    def join(self, name: str, spot: Spot, on_change: Callable[[], None]) -> None:
        """Somebody is there."""
        with self._lock:
            self._spots[name], self._hearers[name] = spot, on_change
        self._tell()

    def leave(self, name: str) -> None:
        """Somebody is gone."""
        with self._lock:
            self._spots.pop(name, None)
            self._hearers.pop(name, None)
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            hearers = list(self._hearers.values())
        for hear in hearers:
            hear()

    def others(self, name: str) -> dict[str, Spot]:
        """Everybody but one."""
        with self._lock:
            return {other: spot for other, spot in self._spots.items() if other != name}


class MeetingFinder:
    """A finder that knows at once who has come to a meeting."""

    def __init__(self, meeting: Meeting) -> None:
        self._meeting = meeting
        self._name = ""

    @property
    def found(self) -> Mapping[str, Spot]:
        """The others by name."""
        return self._meeting.others(self._name)

    async def begin(self, name: str, port: int, *, on_change: Callable[[], None]) -> None:
        """Come to the meeting."""
        self._name = name
        loop = asyncio.get_running_loop()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(on_change)

        self._meeting.join(name, ("127.0.0.1", port), tell)

    async def end(self) -> None:
        """Leave it."""
        self._meeting.leave(self._name)
