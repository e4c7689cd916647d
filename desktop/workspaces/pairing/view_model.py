"""State and intents of pairing: ask the server, then wait for the shop's rows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel

Pair = Callable[[str, str, str], Awaitable[None]]
"""Pairs with (server address, pairing code, name of this machine)."""


@dataclass(frozen=True, slots=True)
class Fill:
    """How far the first fill is; `rows` received so far."""

    rows: int
    is_done: bool


class PairingViewModel(ViewModel):
    """Signals: `finished` once the device is enrolled and has its rows."""

    finished = Signal()

    def __init__(self, pair: Pair, parent: QObject | None = None) -> None:
        super().__init__(None, parent)
        self._pair = pair
        self.is_paired = False
        self.fill = Fill(0, is_done=False)

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

    def show_fill(self, fill: Fill) -> None:
        """Rows came in."""
        self.fill = fill
        self.changed.emit()
        if fill.is_done and self.is_paired:
            self.finished.emit()
