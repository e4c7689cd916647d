"""What happened, in order: the last lines for people, and one hash of all for comparing runs."""

import hashlib
from collections import Counter, deque

from tests.faults.simulation.chance import Moment

KEPT = 60


class Chronicle:
    """Takes every step down; two runs of one seed must have the same hash."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._hashed = hashlib.sha256()
        self.last: deque[str] = deque(maxlen=KEPT)
        self.steps = 0
        self.faults: Counter[str] = Counter()

    def note(self, who: str, what: str) -> None:
        """Something happened."""
        self.steps += 1
        line = f"{self.steps:>6} {self._moment.seconds:>12.4f}  {who:<10} {what}"
        self._hashed.update(line.encode() + b"\n")
        self.last.append(line)

    def fault(self, kind: str, who: str, what: str = "") -> None:
        """Something was made to go wrong."""
        self.faults[kind] += 1
        self.note(who, f"! {kind} {what}".rstrip())

    @property
    def hash(self) -> str:
        """Names everything that happened so far."""
        return self._hashed.hexdigest()
