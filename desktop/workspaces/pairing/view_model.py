"""State and intents of pairing: ask the server, then wait for the shop's rows."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel

_SOONEST_GUESS = 1.0
Pair = Callable[[str, str, str], Awaitable[None]]
"""Pairs with (server address, pairing code, name of this machine)."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How far the first fill is: `rows` received so far, or `here_bytes` of `file_bytes`."""

    rows: int
    is_done: bool
    here_bytes: int = 0
    file_bytes: int = 0

    @property
    def percent(self) -> int:
        """How much of the file is here."""
        return self.here_bytes * 100 // self.file_bytes if self.file_bytes else 0


class PairingViewModel(ViewModel):
    """Signals: `finished` once the device is enrolled and has its rows."""

    finished = Signal()

    def __init__(self, pair: Pair, parent: QObject | None = None) -> None:
        super().__init__(None, parent)
        self._pair = pair
        self.is_paired = False
        self.fill = Fill(0, is_done=False)
        self._began: tuple[float, int] | None = None

    def pair(self, server_url: str, pairing_code: str, name: str) -> None:
        """Pair this machine."""
        self.run(self._pair_now(server_url, pairing_code, name))

    async def _pair_now(self, server_url: str, pairing_code: str, name: str) -> None:
        await self._pair(server_url, pairing_code, name)
        self.resume()

    def resume(self) -> None:
        """The machine is paired; only its rows are still on their way."""
        self.is_paired = True
        self.show_fill(self.fill)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest will take at the speed so far; None before that is known."""
        if self._began is None:
            return None
        began_at, began_with = self._began
        seconds, came = time.monotonic() - began_at, self.fill.here_bytes - began_with
        if seconds < _SOONEST_GUESS or came <= 0:
            return None
        return math.ceil((self.fill.file_bytes - self.fill.here_bytes) * seconds / came)

    def show_fill(self, fill: Fill) -> None:
        """Rows came in."""
        if fill.file_bytes and self._began is None:
            self._began = time.monotonic(), fill.here_bytes
        self.fill = fill
        self.changed.emit()
        if fill.is_done and self.is_paired:
            self.finished.emit()
