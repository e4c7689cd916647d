"""Outsides of the station for tests: a server out of reach, a PIN gate, paper in a folder."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.ui.sounds import Sounds, Tone
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.support.desk import SomebodySignedIn


class PinGate(QObject):
    """Lets people in whose PIN it knows; nobody works here while it is locked."""

    changed = Signal()

    def __init__(
        self, session: SomebodySignedIn, staff: dict[UserId, tuple[str, Role, str]]
    ) -> None:
        super().__init__()
        self._session = session
        self._staff = staff

    @property
    def user_id(self) -> str | None:
        return self._session.user_id

    @property
    def user_name(self) -> str:
        return self._session.user_name

    def may(self, permission: Permission) -> bool:
        return self._session.may(permission)

    async def sign_in(self, user_id: UserId, pin: str) -> None:
        name, role, right = self._staff[user_id]
        if right != pin:
            raise Rejected("pin_wrong")
        self._session.user_id, self._session.user_name = user_id, name
        self._session.permissions = ROLE_PERMISSIONS[role]
        self.changed.emit()

    def lock(self) -> None:
        self._session.user_id, self._session.user_name = None, ""
        self._session.permissions = frozenset()
        self.changed.emit()


class PaperFolder:
    """Papers that can be read again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[str] = []
        self.is_out_of_reach = False

    async def keep(self, name: str, pdf: bytes) -> Path:
        if self.is_out_of_reach:
            raise Unavailable("printer_unreachable", printer="Desk printer")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(pdf)
        self.kept.append(name)
        return path


class Ear(Sounds):
    """Hears what the station plays."""

    def __init__(self) -> None:
        super().__init__(is_on=False)
        self.heard: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.heard.append(tone)
