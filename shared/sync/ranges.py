"""Into which range a row's key falls: both ends agree without knowing each other's keys."""

import hashlib
from collections.abc import Iterable

from shared.storage.base import Key
from shared.sync.digest import MODULUS
from shared.sync.protocol.verify import RANGES, RangeSum

SEPARATOR = "\x1f"


def range_of(table: str, key: Key) -> int:
    """The first byte of SHA-256 over the table's name and the parts of the key.

    SHA-256 because PostgreSQL has it too and finds the rows of a range without Python.
    """
    text = SEPARATOR.join((table, *key))
    return hashlib.sha256(text.encode()).digest()[0]


class RangeSums:
    """Counts and sums of row digests by range, being added up."""

    def __init__(self) -> None:
        self._counts = [0] * RANGES
        self._sums = [0] * RANGES

    def add(self, place: int, digest: int) -> None:
        """Count one row."""
        self._counts[place] += 1
        self._sums[place] += digest

    def sums(self, ranges: Iterable[int] = range(RANGES)) -> tuple[RangeSum, ...]:
        """What has been added up in those ranges, empty ones too."""
        return tuple(
            RangeSum(
                range=place,
                row_count=self._counts[place],
                digest_sum=self._sums[place] % MODULUS,
            )
            for place in ranges
        )

    @property
    def row_count(self) -> int:
        """The rows of all ranges."""
        return sum(self._counts)

    @property
    def digest_sum(self) -> int:
        """The sum of all ranges, modulo 2**64."""
        return sum(self._sums) % MODULUS
