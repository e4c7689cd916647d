"""A file that is read in one thread while another one still writes its end."""

import threading
from typing import BinaryIO


class Arrivals:
    """How much of a growing file is there; those who read behind that wait for more."""

    def __init__(self, here: int) -> None:
        self._here = here
        self._is_over = False
        self.is_given_up = False
        self._changed = threading.Condition()

    def came(self, size: int) -> None:
        """So many bytes more are in the file."""
        with self._changed:
            self._here += size
            self._changed.notify_all()

    def end(self) -> None:
        """No more will come, be the file whole or not."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def give_up(self) -> None:
        """Nobody wants the file any more: whoever reads it is at its end."""
        with self._changed:
            self._here, self._is_over, self.is_given_up = 0, True, True
            self._changed.notify_all()

    def read(self, source: BinaryIO, most: int) -> bytes:
        """The next bytes, as soon as there are any; none at the end."""
        at = source.tell()
        with self._changed:
            self._changed.wait_for(lambda: self._here > at or self._is_over)
            most = max(0, min(most, self._here - at))
        return source.read(most)
