"""State and intents of signing in: the staff, the PIN, and the wait after wrong ones."""

from datetime import datetime, timedelta

from PySide6.QtCore import QObject

from desktop.ui.binding import connect
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.gate import StaffGate
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users
from shared.organization.tables import UserRow

_SECOND_MS = 1000


class SignInViewModel(ViewModel):
    """The members of the staff that hold a permission, the chosen one, and why a PIN was refused.

    Whoever is let in, the gate tells.
    """

    watches = frozenset({"staff_user"})

    def __init__(
        self, desk: Desk, gate: StaffGate, *, needs: Permission, parent: QObject | None = None
    ) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._gate = gate
        self._needs = needs
        self.people: tuple[UserRow, ...] = ()
        self.chosen: UserRow | None = None
        self.refusal: Rejected | None = None
        self._wait_until: datetime | None = None
        self._ticker = Ticker(_SECOND_MS, self)
        connect(self._ticker.ticked, self.tick)

    @property
    def wait_seconds(self) -> int:
        """How long no PIN of the chosen person is taken; 0 when one may be given."""
        if self._wait_until is None:
            return 0
        left = (self._wait_until - self._desk.clock.now()).total_seconds()
        return max(0, -int(-left // 1))

    async def refresh(self) -> None:
        """List who may work here; the one who was chosen stays chosen."""
        found = await self._desk.fetch(active_users)
        self.people = tuple(user for user in found if self._needs in ROLE_PERMISSIONS[user.role])
        chosen_id = None if self.chosen is None else self.chosen.user_id
        same = [user for user in self.people if user.user_id == chosen_id]
        self.chosen = next(iter(same or self.people), None)
        self.changed.emit()

    def choose(self, user_id: str) -> None:
        """Say who one is; the wait was somebody else's."""
        found = next((user for user in self.people if user.user_id == user_id), None)
        if found is not None and found != self.chosen:
            self.chosen = found
            self._forgive()
            self.changed.emit()

    def choose_by(self, step: int) -> None:
        """The next (1) or the former (-1) person."""
        if self.chosen in self.people:
            at = (self.people.index(self.chosen) + step) % len(self.people)
            self.choose(self.people[at].user_id)

    def enter(self, pin: str) -> None:
        """Give the PIN, which is nothing for somebody who has none yet.

        While one is being checked or a wait runs, nothing happens.
        """
        who = self.chosen
        if (
            who is not None
            and (pin or not who.pin_hash)
            and not self.busy
            and not self.wait_seconds
        ):
            self.run(self._enter(who.user_id, pin))

    async def _enter(self, user_id: UserId, pin: str) -> None:
        try:
            await self._gate.sign_in(user_id, pin)
        except Rejected as error:
            self.refusal = error
            seconds = error.params.get("seconds", 0)
            if isinstance(seconds, int) and seconds > 0:
                self._wait_until = self._desk.clock.now() + timedelta(seconds=seconds)
                self._ticker.start()
            self.changed.emit()
        else:
            self._forgive()

    def tick(self) -> None:
        """Count down."""
        if not self.wait_seconds:
            self._forgive()
        self.changed.emit()

    def _forgive(self) -> None:
        self.refusal, self._wait_until = None, None
        self._ticker.stop()
