"""Outsides of the till for tests: a printer that remembers, a server out of reach, a PIN gate."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from desktop.hardware.worker import PrinterState
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from shared.pos.layout import PaperLine
from tests.support.desk import SomebodySignedIn


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
            raise Rejected("pin_wait", seconds=5)
        raise Rejected("pin_wrong")
