"""Signing in at the back office: who, and the PIN."""

from PySide6.QtCore import QObject

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.merchant.ports import Gate
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users
from shared.organization.tables import UserRow

_NEEDED = frozenset({Permission.CATALOG_EDIT, Permission.INBOX, Permission.ORGANIZATION})


class SignInViewModel(ViewModel):
    """The people who may work in the back office."""

    watches = frozenset({"staff_user"})

    def __init__(self, desk: Desk, gate: Gate, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._gate = gate
        self.users: tuple[UserRow, ...] = ()

    async def refresh(self) -> None:
        """List who may work here."""
        found = await self._desk.fetch(active_users)
        self.users = tuple(user for user in found if _NEEDED & ROLE_PERMISSIONS[user.role])
        self.changed.emit()

    async def enter(self, user_id: str, pin: str) -> None:
        """Let somebody in. Raises Rejected, which belongs at the PIN."""
        await self._gate.sign_in(UserId(user_id), pin)
