"""Who is let in at this device, as screens see it: the session with a signal."""

from PySide6.QtCore import QObject, Signal

from desktop.session import Session
from desktop.work import Work
from shared.kernel.clock import Clock
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission


class StaffGate(QObject):
    """Wraps the session. Signal: `changed` after each sign-in, sign-out and lock."""

    changed = Signal()

    def __init__(self, work: Work, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = Session(work, clock, on_change=self.changed.emit)

    @property
    def user_id(self) -> str | None:
        """Who works here now; None while it is locked or nobody has signed in."""
        return None if self._session.is_locked else self._session.user_id

    @property
    def user_name(self) -> str:
        """The name of who works here now, or nothing."""
        return "" if self._session.is_locked else self._session.user_name

    def may(self, permission: Permission) -> bool:
        """Whether who works here now may do that."""
        return self._session.may(permission)

    async def sign_in(self, user_id: UserId, pin: str) -> None:
        """Let somebody in. Raises Rejected: pin_wrong, pin_wait (with `seconds`)."""
        await self._session.sign_in(user_id, pin)

    async def check(self, user_id: UserId, pin: str, permission: Permission) -> None:
        """Make sure that somebody approves, without changing who works here.

        Raises Rejected: pin_wrong, pin_wait, permission_missing.
        """
        await self._session.check_approval(user_id, pin, permission)

    def lock(self) -> None:
        """Nobody works here until a PIN is given."""
        self._session.lock()
