"""How fast and how patient the engine is."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Waits in seconds and page sizes in rows.

    Waits double from `first_wait` to `longest_wait` while the server is out of reach; each is
    shortened by up to half, differently on each device, so that a thousand tills do not come back
    in the same second. `slow_wait` is for refusals that a person must look at. Pages are small once
    the device works: a sale waits for at most one of them. They are as large as the server gives
    them while many own commands come back. A device whose server makes no file to start from, or
    cannot get at it, fetches pages after `longest_for_a_file`.
    """

    first_wait: float = 1.0
    longest_wait: float = 60.0
    slow_wait: float = 300.0
    longest_for_a_file: float = 120.0
    page_rows: int = 1000
    fill_rows: int = 5000
    most_rows: int = 20_000


class Patience:
    """Counts failures in a row and says how long to wait after each.

    `seed` tells devices apart; the same device waits alike in every run.
    """

    def __init__(self, tempo: Tempo, seed: str) -> None:
        self._tempo = tempo
        self._seed = seed
        self._failures = 0
        self._turns = 0

    def wait_after_failure(self) -> float:
        """Seconds until the next attempt."""
        wait = self._tempo.first_wait * 2.0 ** min(self._failures, 30)
        self._failures += 1
        return self.spread(min(wait, self._tempo.longest_wait))

    def slow_wait(self) -> float:
        """Seconds until the next attempt after a refusal."""
        return self.spread(self._tempo.slow_wait)

    def forget(self) -> None:
        """All is well again."""
        self._failures = 0

    def spread(self, seconds: float) -> float:
        """A wait shortened by up to half, differently on each device and each time."""
        self._turns += 1
        mixed = hashlib.blake2b(f"{self._seed}/{self._turns}".encode(), digest_size=4).digest()
        return seconds * (1.0 - int.from_bytes(mixed, "big") / (1 << 33))
