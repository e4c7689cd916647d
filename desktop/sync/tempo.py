"""How fast and how patient the engine is."""

from dataclasses import dataclass
from random import SystemRandom

_random = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Waits in seconds and page sizes in rows.

    Waits double from `first_wait` to `longest_wait` while the server is out of reach; each is cut
    short by up to half at random, so that a thousand tills do not come back in the same second.
    `slow_wait` is for refusals that a person must look at. Pages are small once the device works:
    a sale waits for at most one of them.
    """

    first_wait: float = 1.0
    longest_wait: float = 60.0
    slow_wait: float = 300.0
    page_rows: int = 1000
    fill_rows: int = 5000


class Patience:
    """Counts failures in a row and says how long to wait after each."""

    def __init__(self, tempo: Tempo) -> None:
        self._tempo = tempo
        self._failures = 0

    def wait_after_failure(self) -> float:
        """Seconds until the next attempt."""
        wait = self._tempo.first_wait * 2.0 ** min(self._failures, 30)
        self._failures += 1
        return _jittered(min(wait, self._tempo.longest_wait))

    def slow_wait(self) -> float:
        """Seconds until the next attempt after a refusal."""
        return _jittered(self._tempo.slow_wait)

    def forget(self) -> None:
        """All is well again."""
        self._failures = 0


def _jittered(seconds: float) -> float:
    return seconds * _random.uniform(0.5, 1.0)
