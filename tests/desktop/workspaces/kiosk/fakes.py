"""Outsides of the till for tests: a printer that remembers, a server out of reach, a folder."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.hardware.worker import PrinterState
from shared.pos.layout import PaperLine


class PaperTrail(QObject):
    """A printer whose paper can be read."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.state = PrinterState.READY
        self.waiting_count = 0
        self.prints: list[tuple[PaperLine, ...]] = []
        self.drawer_count = 0

    def print_lines(self, lines: Sequence[PaperLine], *, opens_drawer: bool = False) -> None:
        self.prints.append(tuple(lines))
        self.drawer_count += opens_drawer

    def open_drawer(self) -> None:
        self.drawer_count += 1

    def become(self, state: PrinterState, waiting_count: int = 0) -> None:
        """Change the state and say so."""
        self.state, self.waiting_count = state, waiting_count
        self.changed.emit()

    def texts(self, place: int = -1) -> list[str]:
        """The words of one print, line by line."""
        return [f"{line.left} {line.right}".strip() for line in self.prints[place]]


class Shelf:
    """Keeps papers by name."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[PaperLine, ...]] = {}

    async def keep_roll(self, name: str, lines: Sequence[PaperLine], *, title: str) -> Path:
        self.kept[name] = tuple(lines)
        return Path("/receipts") / name
