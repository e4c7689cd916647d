"""What every screen is given: the two doors to the business, the one signal, and who is here."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from desktop.changes import ChangeHub
from desktop.journal import Draft, Identity
from desktop.shelving import StoreShelves
from desktop.sync.courier import BlobState
from desktop.workbench import Receipt
from shared.kernel.blobs import BlobRef
from shared.kernel.clock import Clock
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission
from shared.storage.reader import Reader
from shared.sync.protocol.hub import TakenCart

T = TypeVar("T")
P = ParamSpec("P")


class Doors(Protocol):
    """The way to the device's databases, as `desktop.work.Work` offers it."""

    def submit(
        self, command: Command, *, actor_id: str | None, clears_draft: str | None = None
    ) -> "Future[Receipt]":
        """Make a command true on this device."""
        ...

    def fetch(
        self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """Run a query beside the writer."""
        ...

    def save_draft(self, slot: str, content: bytes) -> "Future[None]":
        """Keep unfinished work over a crash."""
        ...

    def load_draft(self, slot: str) -> "Future[Draft | None]":
        """The unfinished work of a slot."""
        ...

    def clear_draft(self, slot: str) -> "Future[None]":
        """Forget the unfinished work of a slot."""
        ...

    def shelves(self) -> "Future[StoreShelves]":
        """What is parked in the store."""
        ...

    def take_cart(self, taken: TakenCart) -> "Future[None]":
        """Let all know that a cart of another device goes on here."""
        ...


class SignedIn(Protocol):
    """Who works here now, as `desktop.session.Session` knows it."""

    @property
    def user_id(self) -> str | None:
        """The signed-in member of the staff, or None."""
        ...

    @property
    def user_name(self) -> str:
        """The name of the signed-in member of the staff, or nothing."""
        ...

    def may(self, permission: Permission) -> bool:
        """Whether the signed-in member of the staff may do that."""
        ...


class Blobs(Protocol):
    """The files behind rows, as `desktop.sync.blob_door.BlobDoor` offers them."""

    async def keep(self, content: bytes) -> BlobRef:
        """Keep a file for a command that will refer to it. Raises Rejected or Unavailable."""
        ...

    async def read(self, blob: BlobRef) -> bytes | None:
        """A blob that is here, or None."""
        ...

    def want(self, blob: BlobRef) -> None:
        """Have a blob fetched; the change signal tells of kind `blob` when it has come."""
        ...

    def let_be(self, blob: BlobRef) -> None:
        """Nobody looks at it any more."""
        ...

    def state(self, blob: BlobRef) -> BlobState:
        """How it stands with a blob that was asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Given to every view model by the composition root; holds no state of its own."""

    doors: Doors
    hub: ChangeHub
    session: SignedIn
    identity: Identity
    clock: Clock
    blobs: Blobs

    async def submit(
        self, command: Command, *, clears_draft: str | None = None, actor_id: str | None = None
    ) -> Receipt:
        """Make a command true as the signed-in person, or as `actor_id` who has given their PIN.

        Raises Rejected or Unavailable.
        """
        actor = actor_id or self.session.user_id
        made = self.doors.submit(command, actor_id=actor, clears_draft=clears_draft)
        return await asyncio.wrap_future(made)

    async def fetch(
        self, query: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query. Raises Rejected or Unavailable."""
        found: Future[T] = self.doors.fetch(query, *args, **kwargs)
        return await asyncio.wrap_future(found)

    async def save_draft(self, slot: str, content: bytes) -> None:
        """Keep unfinished work over a crash."""
        await asyncio.wrap_future(self.doors.save_draft(slot, content))

    async def load_draft(self, slot: str) -> Draft | None:
        """The unfinished work of a slot."""
        return await asyncio.wrap_future(self.doors.load_draft(slot))

    async def clear_draft(self, slot: str) -> None:
        """Forget the unfinished work of a slot."""
        await asyncio.wrap_future(self.doors.clear_draft(slot))

    async def shelves(self) -> StoreShelves:
        """What is parked in the store, here and at other devices."""
        return await asyncio.wrap_future(self.doors.shelves())

    async def take_cart(self, taken: TakenCart) -> None:
        """Let all know that a cart of another device goes on here."""
        await asyncio.wrap_future(self.doors.take_cart(taken))
