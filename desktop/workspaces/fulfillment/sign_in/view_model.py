"""State and intents of signing in at the station."""

from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment.ports import Gate
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users
from shared.organization.tables import UserRow


class SignInViewModel(ViewModel):
    """Those of the staff who may pick; `signed_in` when one of them is let in."""

    signed_in = Signal()

    watches: ClassVar[frozenset[str]] = frozenset({"staff_user"})

    def __init__(self, desk: Desk, gate: Gate, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._gate = gate
        self.people: tuple[UserRow, ...] = ()
        self.chosen: UserRow | None = None

    async def refresh(self) -> None:
        """Load the staff."""
        found = await self._desk.fetch(active_users)
        self.people = tuple(
            user for user in found if Permission.FULFILL in ROLE_PERMISSIONS[user.role]
        )
        if self.chosen not in self.people:
            self.chosen = self.people[0] if self.people else None
        self.changed.emit()

    def choose(self, user_id: str) -> None:
        """Say who one is."""
        self.chosen = next((user for user in self.people if user.user_id == user_id), None)
        self.changed.emit()

    def choose_by(self, step: int) -> None:
        """The next (1) or the former (-1) person."""
        if self.chosen in self.people:
            at = (self.people.index(self.chosen) + step) % len(self.people)
            self.choose(self.people[at].user_id)

    def enter(self, pin: str) -> None:
        """Give the PIN; nothing is enough for somebody who has none."""
        if self.chosen is not None and (pin or not self.chosen.pin_hash):
            self.run(self._enter(self.chosen.user_id, pin))

    async def _enter(self, user_id: UserId, pin: str) -> None:
        await self._gate.sign_in(user_id, pin)
        self.signed_in.emit()
