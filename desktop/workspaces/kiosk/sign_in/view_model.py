"""Signing in: who, the PIN, and how long to wait after wrong ones."""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject

from desktop.ui.binding import connect
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.ports import Gate
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users
from shared.organization.tables import UserRow

_SECOND_MS = 1000


class SignInViewModel(ViewModel):
    """`users` to choose from, the chosen one, and what was wrong with the last PIN."""

    watches = frozenset({"staff_user"})

    def __init__(self, desk: Desk, gate: Gate, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._gate = gate
        self.users: tuple[UserRow, ...] = ()
        self.chosen: UserRow | None = None
        self.refusal: Rejected | None = None
        self._wait_until: datetime | None = None
        self._ticker = Ticker(_SECOND_MS, self)
        connect(self._ticker.ticked, self.tick)

    @property
    def wait_seconds(self) -> int:
        """How long no PIN is taken; 0 when one may be given."""
        if self._wait_until is None:
            return 0
        left = (self._wait_until - self._desk.clock.now()).total_seconds()
        return max(0, -int(-left // 1))

    async def refresh(self) -> None:
        """List who may work at a till."""
        found = await self._desk.fetch(active_users)
        self.users = tuple(user for user in found if Permission.SELL in ROLE_PERMISSIONS[user.role])
        self.changed.emit()

    def choose(self, user_id: str) -> None:
        """Say who is there."""
        found = [user for user in self.users if user.user_id == user_id]
        if found:
            self.chosen, self.refusal = found[0], None
            self.changed.emit()
            if not found[0].pin_hash and not self.busy:
                self.run(self._enter(found[0].user_id, ""))

    def choose_again(self) -> None:
        """Go back to the names."""
        self.chosen, self.refusal = None, None
        self.changed.emit()

    def enter(self, pin: str) -> None:
        """Give the PIN; while one is being checked or a wait runs, nothing happens."""
        if self.chosen is not None and pin and not self.busy and not self.wait_seconds:
            self.run(self._enter(self.chosen.user_id, pin))

    async def _enter(self, user_id: UserId, pin: str) -> None:
        try:
            await self._gate.sign_in(user_id, pin)
        except Rejected as error:
            self.refusal = error
            seconds = error.params.get("seconds", 0)
            if isinstance(seconds, int) and seconds > 0:
                self._wait_until = self._desk.clock.now() + timedelta(seconds=seconds)
                self._ticker.start()
        else:
            self.chosen, self.refusal, self._wait_until = None, None, None
        self.changed.emit()

    def tick(self) -> None:
        """Count down."""
        if not self.wait_seconds:
            self._wait_until, self.refusal = None, None
            self._ticker.stop()
        self.changed.emit()
