"""What the program asks of machines, whoever makes them."""

from typing import Protocol


class Printer(Protocol):
    """Takes bytes in its own language."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def send(self, data: bytes) -> None:
        """Print. Raises Unavailable("printer_unreachable") when it cannot be reached in time."""
        ...
