"""What the station asks of its surroundings: who is here, and paper."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from desktop.ui.scanner import Scanner
from desktop.ui.sounds import Sounds
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.sync.ports import SyncStatus
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission


class Gate(Protocol):
    """Lets the staff in by PIN; checks off the UI thread."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when somebody signed in or out, or the station was locked."""
        ...

    @property
    def user_id(self) -> str | None:
        """Who works here now, or None."""
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

    def lock(self) -> None:
        """Nobody works here until a PIN is given."""
        ...


class Papers(Protocol):
    """Keeps papers of the station as files, in a thread of its own."""

    async def keep(self, name: str, pdf: bytes) -> Path:
        """Save a PDF; where it lies. Raises Unavailable("folder_unusable")."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything around the station that the program hands to its window.

    `scanner` must have silent sounds: the verdict on a scan is heard, not its arrival.
    """

    gate: Gate
    sync_status: SyncStatus
    papers: Papers
    sent: SentCommands
    sounds: Sounds
    scanner: Scanner
