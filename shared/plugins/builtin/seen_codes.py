"""Which codes a file had before and where, in about sixteen bytes each."""

import hashlib
from array import array

_FIRST_SLOTS = 1 << 12
_LAST_ROW = 2**32 - 1


class SeenCodes:
    """Remembers the row at which a code was first seen.

    An open-addressing table of 64 bits of a BLAKE2b hash beside 32 bits of row, at most three
    quarters full: among a million codes the chance that any two are mistaken for each other is 3 in
    a hundred million. It grows up to `limit` codes, takes no more then, and says so (`is_full`).
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0
        self._marks = array("Q", bytes(8 * _FIRST_SLOTS))
        self._rows = array("I", bytes(4 * _FIRST_SLOTS))

    @property
    def is_full(self) -> bool:
        """Whether codes that are not known yet are no longer remembered."""
        return self._count >= self._limit

    def first_row(self, code: str, row: int) -> int | None:
        """The row where `code` was seen before; None, and now remembered at `row`, if nowhere."""
        digest = hashlib.blake2b(code.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        mark = int.from_bytes(digest, "little")
        place = self._place(mark)
        if self._rows[place]:
            return self._rows[place]
        if not self.is_full and 0 < row <= _LAST_ROW:
            self._marks[place] = mark
            self._rows[place] = row
            self._count += 1
            if 4 * self._count > 3 * len(self._rows):
                self._grow()
        return None

    def _place(self, mark: int) -> int:
        """The slot that holds `mark`, or the empty one where it belongs."""
        marks, rows = self._marks, self._rows
        last = len(rows) - 1
        place = mark & last
        while rows[place] and marks[place] != mark:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        marks, rows = self._marks, self._rows
        self._marks = array("Q", bytes(16 * len(rows)))
        self._rows = array("I", bytes(8 * len(rows)))
        for mark, row in zip(marks, rows, strict=True):
            if row:
                place = self._place(mark)
                self._marks[place] = mark
                self._rows[place] = row
