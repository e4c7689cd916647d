"""A device's place in a tenant's change log."""

from dataclasses import dataclass
from typing import Self

from shared.kernel.errors import Rejected


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """Everything up to and including `seq` of the tenant's `epoch` is held.

    The epoch is raised when a server is restored from a backup, so that a place in a history that
    no longer exists is noticed.
    """

    epoch: int
    seq: int

    def __str__(self) -> str:
        """The form on the wire: "epoch.seq"."""
        return f"{self.epoch}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the form on the wire. Raises Rejected("cursor_malformed")."""
        epoch, dot, seq = text.partition(".")
        if not (dot and epoch.isascii() and epoch.isdigit() and seq.isascii() and seq.isdigit()):
            raise Rejected("cursor_malformed", field="cursor")
        return cls(int(epoch), int(seq))


START = Cursor(0, 0)
"""Before the first change; every epoch accepts it."""
