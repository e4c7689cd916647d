"""How fast an exchange goes: counted where it is done anyway, smoothed, and without a clock."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from desktop.sync.sync_status import Speed, SyncStatus

_SMOOTHING_SECONDS = 3.0
"""After so long two thirds of what is shown come from what was measured since."""
_LEAST_SECONDS = 0.25
"""What comes within less is measured together: one page in a hundredth of a second says nothing."""
_LEAST_SECONDS_OF_ALL = 0.05
_LONGEST_LEFT = 24 * 3600
_COMMANDS, _ROWS, _BYTES, _COMMITS = range(4)
_NOTHING = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Total:
    """What an exchange has moved since it began."""

    amounts: tuple[float, float, float, float] = _NOTHING
    seconds: float = 0.0

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """On average, per second."""
        seconds = max(self.seconds, _LEAST_SECONDS_OF_ALL)
        first, second, third, fourth = (amount / seconds for amount in self.amounts)
        return first, second, third, fourth


class Meter:
    """Measures one exchange after the other; used on the engine's loop.

    `time` gives seconds that only grow, `carried` the bytes that went over the line so far. An
    exchange that moved neither commands nor rows leaves the figures of the one before.
    """

    def __init__(self, time: Callable[[], float], carried: Callable[[], int]) -> None:
        self._time = time
        self._carried = carried
        self._is_running = False
        self._began_at = self._step_at = time()
        self._bytes_at_start = 0
        self._commands = self._rows = self._commits = 0
        self._seen = _NOTHING
        self._rates: tuple[float, ...] | None = None
        self._last = _Total()

    def begin(self) -> None:
        """An exchange begins; nothing happens when one is under way."""
        if self._is_running:
            return
        self._is_running = True
        self._began_at = self._step_at = self._time()
        self._bytes_at_start = self._carried()
        self._commands = self._rows = self._commits = 0
        self._seen, self._rates = _NOTHING, None

    def end(self) -> None:
        """It is over, well or not."""
        if self._is_running:
            self._is_running = False
            if self._commands or self._rows:
                self._last = _Total(self._amounts(), self._time() - self._began_at)

    def count(self, *, commands: int = 0, rows: int = 0, commits: int = 0) -> None:
        """So much more was sent and answered, or came in."""
        self._commands += commands
        self._rows += rows
        self._commits += commits

    def speed(self, status: SyncStatus) -> Speed:
        """How fast it goes, and how long it will take to the end that `status` lets expect."""
        if self._is_running:
            self._step()
        if not self._is_running or self._rates is None:
            return _speed(self._last.rates, is_current=False, seconds_left=None)
        left = _seconds_left(self._rates, status)
        return _speed(self._rates, is_current=True, seconds_left=left)

    def _step(self) -> None:
        now = self._time()
        passed = now - self._step_at
        if passed < _LEAST_SECONDS:
            return
        amounts = self._amounts()
        fresh = [(new - old) / passed for new, old in zip(amounts, self._seen, strict=True)]
        if self._rates is None:
            self._rates = tuple(fresh)
        else:
            weight = 1.0 - math.exp(-passed / _SMOOTHING_SECONDS)
            pairs = zip(self._rates, fresh, strict=True)
            self._rates = tuple(old + weight * (new - old) for old, new in pairs)
        self._step_at, self._seen = now, amounts

    def _amounts(self) -> tuple[float, float, float, float]:
        carried = self._carried() - self._bytes_at_start
        return float(self._commands), float(self._rows), float(carried), float(self._commits)


def _speed(rates: tuple[float, ...], *, is_current: bool, seconds_left: int | None) -> Speed:
    return Speed(
        commands_per_s=round(rates[_COMMANDS], 1),
        rows_per_s=round(rates[_ROWS], 1),
        bytes_per_s=round(rates[_BYTES]),
        is_current=is_current,
        seconds_left=seconds_left,
    )


def _seconds_left(rates: tuple[float, ...], status: SyncStatus) -> int | None:
    """What is left divided by how fast it goes; None where one of the two is not known."""
    left = [(status.pending, rates[_COMMANDS]), (status.lag, rates[_COMMITS])]
    if not status.is_filled and status.file_bytes:
        # The rest of a file says more than commits, of which it brings all at once.
        left[1] = (status.file_bytes - status.fetched_bytes, rates[_BYTES])
    waits = [amount / rate if rate else math.inf for amount, rate in left if amount]
    seconds = sum(waits)
    return math.ceil(seconds) if waits and seconds <= _LONGEST_LEFT else None
