"""One seed decides everything: random numbers, ids, nonces and what time it seems to be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from desktop.sync import http_endpoint
from shared.kernel import ids

OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FARTHEST_CLOCK = timedelta(days=3652)
"""How far a wrong clock is off, either way."""


class Moment:
    """The true time of one simulation, in seconds since its opening; only its loop moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """The true time as an aware moment."""
        return OPENING + timedelta(seconds=self.seconds)


class WrongClock:
    """A device's clock: the true time and an error that may jump."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self.error = timedelta()

    def now(self) -> datetime:
        """What this clock shows."""
        return self._moment.now() + self.error


class _SeededBytes:
    """Stands where `os` stands in modules that only take random bytes from it."""

    def __init__(self, source: Random) -> None:
        self._source = source

    def urandom(self, count: int) -> bytes:
        """So many bytes of the seed."""
        return self._source.randbytes(count)


class _SeemingTime:
    """Stands where `time` stands in modules that only ask how late it is."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def time_ns(self) -> int:
        """Nanoseconds since 1970, as `time.time_ns` has them."""
        return int((self._moment.now() - _EPOCH) / timedelta(microseconds=1)) * 1000

    def monotonic(self) -> float:
        """Seconds, as `time.monotonic` has them."""
        return self._moment.seconds


@contextmanager
def determined(name: str, moment: Moment) -> Iterator[None]:
    """Let this process make all ids and nonces from a name, and see only the simulation's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "os", _SeededBytes(Random(f"{name}/ids")))
        patch.setattr(ids, "time", _SeemingTime(moment))
        patch.setattr(ids, "_last_stamp", 0)
        patch.setattr(http_endpoint, "os", _SeededBytes(Random(f"{name}/nonces")))
        patch.setattr(http_endpoint, "time", _SeemingTime(moment))
        yield
