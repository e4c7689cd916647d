"""What the till asks of its surroundings: the printer, paper, and the PIN check."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from desktop.hardware.worker import PrinterState
from desktop.ui.scanner import Scanner
from desktop.ui.sounds import Sounds
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.sync.ports import SyncStatus
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission
from shared.pos.layout import PaperLine


class ReceiptPrinter(Protocol):
    """Prints in a thread of its own; every call returns at once, and jobs survive a restart."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when the state or the number of waiting jobs differs."""
        ...

    @property
    def state(self) -> PrinterState:
        """How the printer is, as far as that is known."""
        ...

    @property
    def waiting_count(self) -> int:
        """How many jobs are not on paper yet."""
        ...

    def print_lines(self, lines: Sequence[PaperLine], *, opens_drawer: bool = False) -> None:
        """Put lines on paper; with `opens_drawer` the drawer springs open first."""
        ...

    def open_drawer(self) -> None:
        """Let the cash drawer spring open."""
        ...


class PaperKeeper(Protocol):
    """Keeps papers as files."""

    async def keep_roll(self, name: str, lines: Sequence[PaperLine], *, title: str) -> Path:
        """Save lines as a PDF; where it lies. Raises Unavailable("folder_unusable")."""
        ...


class Gate(Protocol):
    """Lets the staff in by PIN; checks off the UI thread."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when somebody signed in or out, or the till was locked."""
        ...

    @property
    def user_id(self) -> str | None:
        """Who works here now; None while the till is locked or nobody has signed in."""
        ...

    @property
    def user_name(self) -> str:
        """The name of who works here now, or nothing."""
        ...

    def may(self, permission: Permission) -> bool:
        """Whether who works here now may do that."""
        ...

    async def sign_in(self, user_id: UserId, pin: str) -> None:
        """Let somebody in. Raises Rejected: pin_wrong, pin_wait (with `seconds`)."""
        ...

    async def check(self, user_id: UserId, pin: str, permission: Permission) -> None:
        """Make sure that somebody else approves, without changing who works here.

        Raises Rejected: pin_wrong, pin_wait, permission_missing.
        """
        ...

    def lock(self) -> None:
        """Nobody works here until a PIN is given."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything around the till that the program hands to its window."""

    gate: Gate
    printer: ReceiptPrinter
    sync_status: SyncStatus
    scanner: Scanner
    sounds: Sounds
    papers: PaperKeeper
    sent: SentCommands
