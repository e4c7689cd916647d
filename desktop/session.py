"""Who works here now: PIN check, lock, permissions."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desktop.work import Work
from desktop.workbench import Workbench
from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission, Role
from shared.organization.tables import UserRow
from shared.storage.reader import Reader
from shared.storage.types import time_from_text, time_to_text

FREE_ATTEMPTS = 5
"""So many wrong PINs in a row cost nothing; each further one doubles the wait."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)

_hasher = PasswordHasher()


def pin_hash(pin: str) -> str:
    """The Argon2id hash of a PIN; takes some 50 ms, so call it off the UI thread."""
    return _hasher.hash(pin)


def is_pin(stored: str, pin: str) -> bool:
    """Whether a PIN fits its hash; takes some 50 ms, so call it off the UI thread."""
    try:
        return _hasher.verify(stored, pin)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong PINs in a row of one person at this device, kept over restarts."""

    count: int
    last_at: datetime

    @property
    def wait(self) -> timedelta:
        """How long nobody may try after the last one."""
        over = self.count - FREE_ATTEMPTS
        if over < 0:
            return timedelta(0)
        doublings: int = min(over, 16)
        return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)

    def left(self, now: datetime) -> timedelta:
        """How much of the wait is left; a clock that was put back does not shorten it."""
        waited = max(now - self.last_at, timedelta(0))
        return max(self.wait - waited, timedelta(0))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person at the device."""

    user_id: str
    name: str
    role: Role

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role allows."""
        return ROLE_PERMISSIONS[self.role]


class Session:
    """The person who is signed in on this device; lives on the UI thread.

    `on_change` is called after each sign-in, sign-out, lock and unlock.
    """

    def __init__(
        self, work: Work, clock: Clock, *, on_change: Callable[[], None] | None = None
    ) -> None:
        self._work = work
        self._clock = clock
        self._on_change = on_change
        self._present: SignedIn | None = None
        self._is_locked = False

    @property
    def user_id(self) -> str | None:
        """The signed-in member of the staff, or None; also while the screen is locked."""
        return None if self._present is None else self._present.user_id

    @property
    def user_name(self) -> str:
        """The name of the signed-in member of the staff, or nothing."""
        return "" if self._present is None else self._present.name

    @property
    def is_locked(self) -> bool:
        """Whether the screen waits for the PIN of the person who is signed in."""
        return self._is_locked

    def may(self, permission: Permission) -> bool:
        """Whether the signed-in member of the staff may do that now."""
        if self._present is None or self._is_locked:
            return False
        return permission in self._present.permissions

    async def sign_in(self, user_id: str, pin: str) -> None:
        """Sign a person in, or unlock the screen for the one who is.

        Raises Rejected: pin_wrong, pin_wait (with seconds), user_inactive.
        """
        person = await self.check_pin(user_id, pin)
        self._present, self._is_locked = person, False
        self._tell()

    async def check_pin(self, user_id: str, pin: str) -> SignedIn:
        """Make sure that a person is who they say, without signing them in; for approvals.

        Raises Rejected: pin_wrong, pin_wait (with seconds), user_inactive.
        """
        failures = await self._work.ask(lambda bench: _failures(bench, user_id))
        left = timedelta(0) if failures is None else failures.left(self._clock.now())
        if left > timedelta(0):
            raise Rejected("pin_wait", field="pin", seconds=-(-left // timedelta(seconds=1)))
        user = await self._work.fetch(_user, user_id)
        if user is None or not user.is_active:
            raise Rejected("user_inactive")
        fits = not user.pin_hash or await asyncio.to_thread(is_pin, user.pin_hash, pin)
        if not fits:
            now = self._clock.now()
            await self._work.ask(lambda bench: _count_failure(bench, user_id, now))
            raise Rejected("pin_wrong", field="pin")
        if failures is not None:
            await self._work.ask(lambda bench: _forget_failures(bench, user_id))
        return SignedIn(user.user_id, user.name, user.role)

    async def check_approval(self, user_id: str, pin: str, permission: Permission) -> SignedIn:
        """Make sure that a person who may do something approves of it.

        Raises Rejected: permission_missing, or as `check_pin`.
        """
        person = await self.check_pin(user_id, pin)
        if permission not in person.permissions:
            raise Rejected("permission_missing", permission=permission.value)
        return person

    def lock(self) -> None:
        """Ask for the PIN before anything else happens; the person stays the same."""
        if self._present is not None and not self._is_locked:
            self._is_locked = True
            self._tell()

    def sign_out(self) -> None:
        """Nobody is here any more."""
        if self._present is not None:
            self._present, self._is_locked = None, False
            self._tell()

    async def refresh(self, changed_ids: Iterable[str]) -> None:
        """Take over a changed role or name; sign out whoever may not sign in any more."""
        present = self._present
        if present is None or present.user_id not in changed_ids:
            return
        user = await self._work.fetch(_user, present.user_id)
        if user is None or not user.is_active:
            self.sign_out()
            return
        self._present = SignedIn(user.user_id, user.name, user.role)
        self._tell()

    def _tell(self) -> None:
        if self._on_change is not None:
            self._on_change()


def _user(reader: Reader, user_id: str) -> UserRow | None:
    return reader.get(UserRow, user_id)


# -- failures, in the journal's notes: a restart does not clear them ---------------------------


def _note_name(user_id: str) -> str:
    return f"pin_failures/{user_id}"


def _failures(bench: Workbench, user_id: str) -> Failures | None:
    found = bench.note(_note_name(user_id))
    if found is None:
        return None
    count, last_at = found.split(" ")
    return Failures(int(count), time_from_text(last_at))


def _count_failure(bench: Workbench, user_id: str, now: datetime) -> None:
    before = _failures(bench, user_id)
    count = 1 if before is None else before.count + 1
    bench.set_note(_note_name(user_id), f"{count} {time_to_text(now)}")


def _forget_failures(bench: Workbench, user_id: str) -> None:
    bench.set_note(_note_name(user_id), None)
