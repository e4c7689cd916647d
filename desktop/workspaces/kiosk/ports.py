"""What the till asks of its surroundings: the printer, the server's reach, and the PIN check."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission
from shared.pos.model import ReceiptDocument, ZReport


class PrinterStatus(StrEnum):
    """What is known of the receipt printer."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    OFFLINE = "offline"
    UNKNOWN = "unknown"
    """It cannot tell; most printers behind a spooler cannot."""
    ABSENT = "absent"
    """No printer is set up; receipts are shown and saved."""


class ReceiptPrinter(Protocol):
    """Prints in a thread of its own; every call returns at once and is never lost."""

    @property
    def changed(self) -> SignalInstance:
        """Emitted when the status differs."""
        ...

    @property
    def status(self) -> PrinterStatus:
        """How the printer is."""
        ...

    @property
    def waiting_count(self) -> int:
        """How many jobs are not on paper yet."""
        ...

    def print_receipt(self, document: ReceiptDocument, *, is_copy: bool = False) -> None:
        """Put a receipt on paper; a copy says that it is one."""
        ...

    def print_report(self, report: ZReport, lines: Sequence[tuple[str, str]]) -> None:
        """Put an X or Z report on paper; `lines` are its words and figures as shown."""
        ...

    def open_drawer(self) -> None:
        """Let the cash drawer spring open."""
        ...

    def save_pdf(self, document: ReceiptDocument, path: Path, *, is_copy: bool = False) -> None:
        """Write a receipt as PDF. Raises Unavailable("folder_unusable")."""
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

    @property
    def oldest_unsent_at(self) -> datetime | None:
        """When the oldest of them was made."""
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
        """Let somebody in. Raises Rejected: pin_wrong, pin_delayed (with `seconds`)."""
        ...

    async def check(self, user_id: UserId, pin: str, permission: Permission) -> None:
        """Make sure that somebody else approves, without changing who works here.

        Raises Rejected: pin_wrong, pin_delayed, permission_missing.
        """
        ...

    def lock(self) -> None:
        """Nobody works here until a PIN is given."""
        ...
