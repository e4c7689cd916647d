"""Outsides of the till for tests: a printer that remembers, a server out of reach, a PIN gate."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.workspaces.kiosk.ports import PrinterStatus
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from shared.pos.model import ReceiptDocument, ZReport
from tests.support.desk import SomebodySignedIn


class PaperTrail(QObject):
    """A printer whose paper can be read."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.status = PrinterStatus.READY
        self.waiting_count = 0
        self.receipts: list[tuple[ReceiptDocument, bool]] = []
        self.reports: list[ZReport] = []
        self.drawer_count = 0
        self.pdfs: list[Path] = []

    def print_receipt(self, document: ReceiptDocument, *, is_copy: bool = False) -> None:
        self.receipts.append((document, is_copy))

    def print_report(self, report: ZReport, lines: Sequence[tuple[str, str]]) -> None:
        self.reports.append(report)

    def open_drawer(self) -> None:
        self.drawer_count += 1

    def save_pdf(self, document: ReceiptDocument, path: Path, *, is_copy: bool = False) -> None:
        path.write_bytes(b"%PDF")
        self.pdfs.append(path)

    def become(self, status: PrinterStatus) -> None:
        """Change the status and say so."""
        self.status = status
        self.changed.emit()


class FarServer(QObject):
    """A server that is online until it is told otherwise."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_online = True
        self.offline_since: datetime | None = None
        self.unsent_count = 0
        self.oldest_unsent_at: datetime | None = None

    def go_offline(self, since: datetime, *, unsent_count: int = 0) -> None:
        """Be out of reach."""
        self.is_online, self.offline_since = False, since
        self.unsent_count, self.oldest_unsent_at = unsent_count, since
        self.changed.emit()


class PinGate(QObject):
    """Lets people in whose PIN it knows; a third wrong one makes everybody wait."""

    changed = Signal()

    def __init__(
        self, session: SomebodySignedIn, staff: dict[UserId, tuple[str, Role, str]]
    ) -> None:
        super().__init__()
        self._session = session
        self._staff = staff
        self.wrong_count = 0

    @property
    def user_id(self) -> str | None:
        return self._session.user_id

    @property
    def user_name(self) -> str:
        return self._session.user_name

    def may(self, permission: Permission) -> bool:
        return self._session.may(permission)

    async def sign_in(self, user_id: UserId, pin: str) -> None:
        name, role, _pin = self._known(user_id, pin)
        self._session.user_id, self._session.user_name = user_id, name
        self._session.permissions = ROLE_PERMISSIONS[role]
        self.changed.emit()

    async def check(self, user_id: UserId, pin: str, permission: Permission) -> None:
        _name, role, _pin = self._known(user_id, pin)
        if permission not in ROLE_PERMISSIONS[role]:
            raise Rejected("permission_missing", permission=permission.value)

    def lock(self) -> None:
        self._session.user_id, self._session.user_name = None, ""
        self._session.permissions = frozenset()
        self.changed.emit()

    def _known(self, user_id: UserId, pin: str) -> tuple[str, Role, str]:
        found = self._staff[user_id]
        if found[2] == pin:
            self.wrong_count = 0
            return found
        self.wrong_count += 1
        if self.wrong_count % 3 == 0:
            raise Rejected("pin_delayed", seconds=5)
        raise Rejected("pin_wrong")
