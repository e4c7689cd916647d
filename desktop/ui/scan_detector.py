"""Tells a scanner's burst of keys from a person's typing, by time alone; knows no Qt."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ScanTiming:
    """How a scanner types. `prefix` (if set) makes typing by hand pass without any delay.

    Without a prefix, keys are a scan while their gaps average at most `average_ms` and none is
    longer than `longest_ms`. Slow scanners may take `slow_ms` where holding a letter that long
    hinders nobody: for codes that begin with a digit, and where no text is written.
    `min_length` counts the code without prefix; a code that no end key follows has at least
    `min_unended`, and the speed of `average_ms`, for people type short words in one stroke; and
    where text is written it has a digit, for what has none may be words.
    """

    average_ms: int = 35
    slow_ms: int = 55
    longest_ms: int = 100
    min_length: int = 3
    min_unended: int = 6
    prefix: str = ""
    needs_end: bool = False


class Verdict(Enum):
    """What to do with the key that was just given."""

    PASS = auto()  # nothing is held: the key goes on to the focused field
    HOLD = auto()  # keep it back until `deadline_ms`
    REPLAY = auto()  # give the held keys back as typing, then treat this key afresh
    SCAN = auto()  # the held keys were a scan; the key that ended it belongs to it


@dataclass(frozen=True, slots=True)
class Held(Generic[_K]):
    """One key kept back: its letter, when it came, and what the caller keeps with it."""

    letter: str
    at_ms: int
    keep: _K


class ScanDetector(Generic[_K]):
    """Give it every key in order; it says what to do. Times are milliseconds, never going back."""

    def __init__(self, timing: ScanTiming) -> None:
        self.timing = timing
        self._held: list[Held[_K]] = []
        self._gap_ms = timing.average_ms
        self._is_written = True

    @property
    def is_holding(self) -> bool:
        """Say whether keys are kept back."""
        return bool(self._held)

    @property
    def is_first(self) -> bool:
        """Say whether exactly one key is kept back."""
        return len(self._held) == 1

    @property
    def deadline_ms(self) -> int:
        """Give when the held keys are decided if no other comes."""
        if self.timing.prefix:
            return self._held[-1].at_ms + self.timing.longest_ms
        first = self._held[0].at_ms
        by_average = first + self._gap_ms * len(self._held)
        return min(by_average, self._held[-1].at_ms + self.timing.longest_ms)

    def letter(self, letter: str, at_ms: int, keep: _K, *, is_written: bool = True) -> Verdict:
        """Take a key with a letter, `is_written` where it would go into a field of text.

        REPLAY: take the held ones out, then ask again.
        """
        if self._held and at_ms > self.deadline_ms:
            return self.expire_verdict()
        prefix = self.timing.prefix
        if prefix and len(self._held) < len(prefix) and letter != prefix[len(self._held)]:
            return Verdict.REPLAY if self._held else Verdict.PASS
        if not self._held:
            self._is_written = is_written
            is_unhindered = letter.isdecimal() or not is_written
            self._gap_ms = self.timing.slow_ms if is_unhindered else self.timing.average_ms
        self._held.append(Held(letter, at_ms, keep))
        return Verdict.HOLD

    def end(self, at_ms: int) -> Verdict:
        """Take the key that ends a scan, Enter or Tab."""
        if not self._held:
            return Verdict.PASS
        if at_ms > self.deadline_ms:
            return self.expire_verdict()
        return Verdict.SCAN if self._is_long_enough() else Verdict.REPLAY

    def other(self) -> Verdict:
        """Take a key that no scan contains."""
        return Verdict.REPLAY if self._held else Verdict.PASS

    def expire_verdict(self) -> Verdict:
        """Decide what is held because no key came in time."""
        is_scan = self._is_long_enough() and not self.timing.needs_end
        return Verdict.SCAN if is_scan and self._is_beyond_people() else Verdict.REPLAY

    def take(self) -> list[Held[_K]]:
        """Take the held keys out, in order."""
        held, self._held = self._held, []
        return held

    def code(self, held: list[Held[_K]]) -> str:
        """Give the scanned code without prefix."""
        return "".join(key.letter for key in held)[len(self.timing.prefix) :]

    def _is_beyond_people(self) -> bool:
        """Whether the held keys are a scan though no end key says so."""
        if self.timing.prefix:
            return True
        if self._is_written and not any(key.letter.isdecimal() for key in self._held):
            return False
        took_ms = self._held[-1].at_ms - self._held[0].at_ms
        gaps = len(self._held) - 1
        is_long = len(self._held) >= self.timing.min_unended
        return is_long and took_ms <= self.timing.average_ms * gaps

    def _is_long_enough(self) -> bool:
        return len(self._held) - len(self.timing.prefix) >= self.timing.min_length
