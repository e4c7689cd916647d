"""What the station asks of its surroundings: who is here, the server's reach, and paper."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

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


class SyncStatus(Protocol):
    """How far the server is away, as a QObject of the sync engine tells it."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when one of the others differs."""
        ...

    @property
    def is_online(self) -> bool:
        """Whether the server answered last time."""
        ...

    @property
    def offline_since(self) -> datetime | None:
        """Since when it has not, if it has not."""
        ...

    @property
    def unsent_count(self) -> int:
        """Commands that the server has not confirmed."""
        ...


class Papers(Protocol):
    """Keeps papers of the station as files, in a thread of its own."""

    async def keep(self, name: str, pdf: bytes) -> Path:
        """Save a PDF; where it lies. Raises Unavailable("folder_unusable")."""
        ...
