"""A desk on a profile of its own: real journal, real replica, filled as by the server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from desktop.changes import ChangeHub
from desktop.files import Keys, ProfileFiles
from desktop.journal import Identity
from desktop.lives import begin_life
from desktop.settings import Profile
from desktop.sync.blob_door import BlobDoor
from desktop.sync.engine import Engine
from desktop.work import Work, open_work
from desktop.workspaces.desk import Desk
from shared.kernel.clock import FixedClock
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission
from shared.organization.commands import Workspace
from shared.storage.changes import ChangeSet
from shared.sync.replica import ReplicaState, write_state
from tests.support.shop import OPENING, Shop

KEYS = Keys(journal=b"j" * 32, replica=b"r" * 32)


class HubListener:
    """Passes on what the writer's thread tells, as the program does."""

    def __init__(self, hub: ChangeHub) -> None:
        self.hub = hub
        self.last_seq = 0

    def rows_changed(self, changes: ChangeSet) -> None:
        """Tell the screens."""
        self.hub.publish(changes.ids)

    def journal_grew(self, last_seq: int) -> None:
        """Remember how much there is to send."""
        self.last_seq = last_seq


@dataclass
class SomebodySignedIn:
    """Who works here, for tests of screens behind the sign-in."""

    user_id: str | None = None
    user_name: str = ""
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """Whether that is allowed."""
        return permission in self.permissions


class Line:
    """The line to a server, where a test has one."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def engine(self) -> Engine | None:
        """The engine at work, or None."""
        return self._engine

    def use(self, engine: Engine) -> None:
        """Start an engine; it is stopped with the device."""
        self._engine = engine
        engine.start()

    def close(self) -> None:
        """Stop it."""
        if self._engine is not None:
            self._engine.stop()


class ShopOnDevice:
    """A profile folder whose replica holds a small shop; open it as often as you like.

    `with shop.seeding() as small: small.product(...)` writes rows as a pull from the server does:
    into the replica, past the journal.
    """

    def __init__(self, folder: Path, *, workspace: Workspace = Workspace.KIOSK) -> None:
        self.profile = Profile(folder)
        self.clock = FixedClock(OPENING)
        self.workspace = workspace
        self.shop = self._found()

    @contextmanager
    def seeding(self) -> Iterator[Shop]:
        """The shop on the replica's own connection; nobody may have the profile open."""
        files = ProfileFiles(self.profile, KEYS)
        try:
            self.shop.connection = files.replica
            yield self.shop
            # A query between two commands leaves a transaction open.
            if files.replica.in_transaction():
                files.replica.commit()
        finally:
            files.close()

    def _found(self) -> Shop:
        files = ProfileFiles(self.profile, KEYS)
        try:
            shop = Shop(files.replica)
            self.clock = shop.clock
            with files.replica.begin():
                write_state(
                    files.replica,
                    ReplicaState(device_id=shop.device_id, incarnation=1, is_filled=True),
                )
            with files.journal.writing():
                begin_life(
                    files.journal,
                    Identity(
                        tenant_id=shop.tenant_id,
                        tenant_name="Corner Store",
                        device_id=shop.device_id,
                        incarnation=1,
                        workspace=self.workspace,
                        location_id=shop.location_id,
                        register_id=shop.register_id,
                        scopes=("tenant", f"location:{shop.location_id}"),
                        server_url="",
                    ),
                )
        finally:
            files.close()
        return shop

    def open(self, session: SomebodySignedIn | None = None) -> "OpenDesk":
        """Start the device on its files."""
        hub = ChangeHub()
        listener = HubListener(hub)
        work = open_work(self.profile, KEYS, clock=self.clock, listener=listener)
        who = session or SomebodySignedIn(
            user_id=self.shop.owner_id, user_name="Olga", permissions=frozenset(Permission)
        )
        identity = work.ask(lambda bench: bench.identity).result()
        line = Line()
        blobs = BlobDoor(work, line.engine)
        desk = Desk(work, hub, who, identity, self.clock, blobs)
        return OpenDesk(desk=desk, work=work, session=who, listener=listener, line=line)

    def crashed_copy(self, folder: Path) -> "ShopOnDevice":
        """The files as a power cut would leave them now, as a device of its own."""
        shutil.copytree(self.profile.folder, folder)
        (folder / "profile.lock").unlink(missing_ok=True)
        copy = object.__new__(ShopOnDevice)
        copy.profile = Profile(folder)
        copy.clock, copy.workspace, copy.shop = self.clock, self.workspace, self.shop
        return copy


@dataclass
class OpenDesk:
    """A running device."""

    desk: Desk
    work: Work
    session: SomebodySignedIn
    listener: HubListener
    line: "Line"

    def close(self) -> None:
        """End its threads."""
        self.line.close()
        self.work.close()

    def sign_in(self, user_id: UserId, name: str, permissions: frozenset[Permission]) -> None:
        """Let somebody else work here."""
        self.session.user_id, self.session.user_name = user_id, name
        self.session.permissions = permissions
