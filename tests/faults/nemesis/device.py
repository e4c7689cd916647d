"""A device with the whole client below the screens, and somebody who works at it."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from desktop.files import Keys
from desktop.secrets import DeviceKey, FileStore
from desktop.settings import Profile
from desktop.sync.engine import Engine
from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Tempo
from desktop.work import Work, open_work
from desktop.workbench import Receipt, Workbench
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import RegisterId
from shared.kernel.messages import Command
from shared.organization.commands import Workspace
from shared.storage.changes import ChangeSet
from shared.storage.reader import Reader
from shared.sync.state import SyncState
from tests.faults.nemesis.bell import Bell
from tests.faults.nemesis.endpoint import endpoint_of, pair
from tests.faults.nemesis.seen import Seen, seen_in
from tests.faults.nemesis.shop import Shop
from tests.faults.nemesis.wire import Wire
from tests.faults.simulation.errands import Person
from tests.faults.simulation.workplaces import next_errand


@dataclass(eq=False)
class Device:
    """One device of a shop."""

    shop: Shop
    workplace: str
    workspace: Workspace
    register_id: RegisterId | None
    folder: Path
    wire: Wire
    bell: Bell
    chance: Random
    status: SyncStatus = field(default_factory=SyncStatus)
    printed: dict[str, Receipt] = field(default_factory=dict)
    is_paired: bool = False
    _code: str | None = None
    _work: Work | None = None
    _engine: Engine | None = None

    def __post_init__(self) -> None:
        self.name = f"{self.shop.name}/{self.workplace}"
        self.folder.mkdir(parents=True)
        self._key = DeviceKey(FileStore(self.folder / "keys", b"machine"))
        self._keys = Keys(self.chance.randbytes(32), self.chance.randbytes(32))
        self.person = Person(
            user_id=self.shop.premises.owner_id,
            location_id=self.shop.premises.location_id,
            chance=self.chance,
            tag=f"{self.name}-",
        )

    # -- life --------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether the program runs."""
        return self._work is not None

    @property
    def work(self) -> Work:
        """The two doors of the running program."""
        assert self._work is not None
        return self._work

    def start(self) -> None:
        """Start the program; a device that is paired begins to exchange."""
        self._work = open_work(
            Profile(self.folder / "profile"), self._keys, clock=SystemClock(), listener=self
        )
        if self.is_paired:
            self._begin_exchange()

    def pair(self) -> bool:
        """Become a device of the shop, or begin the next life as one; says whether that worked.

        The same code is typed again until it did: an answer may have been lost.
        """
        if self._code is None:
            self._code = self.shop.code(self.workspace, self.register_id)
        if self._engine is not None:
            self._engine.stop()
        try:
            asyncio.run(
                pair(
                    self.work,
                    self._key,
                    server_url=self.wire.url,
                    code=self._code,
                    name=self.workplace,
                )
            )
        except (Rejected, Unavailable):
            if self._engine is not None:
                self._engine.start()
            return False
        self._code, self.is_paired = None, True
        self._begin_exchange()
        return True

    @property
    def is_half_paired(self) -> bool:
        """Whether somebody typed a code and has not seen yet that it worked."""
        return self._code is not None

    def _begin_exchange(self) -> None:
        identity = self.work.ask(lambda bench: bench.identity).result()
        rows = self.chance.choice([3, 10, 50, 1000])
        self._engine = Engine(
            self.work,
            lambda: endpoint_of(identity, self._key),
            on_status=self._heard,
            tempo=Tempo(
                first_wait=0.02,
                longest_wait=0.3,
                slow_wait=0.3,
                page_rows=rows,
                fill_rows=self.chance.choice([40, 5000]),
            ),
            seed=self.name,
        )
        self._engine.start()

    def stop(self) -> None:
        """End the program in good order, in the middle of whatever it exchanges."""
        if self._engine is not None:
            self._engine.stop()
        if self._work is not None:
            self._work.close()
        self._engine = self._work = None

    # -- what it hears -----------------------------------------------------------------------

    def _heard(self, status: SyncStatus) -> None:
        self.status = status
        self.bell.ring()

    def rows_changed(self, changes: ChangeSet) -> None:
        """Screens would look again."""

    def journal_grew(self, last_seq: int) -> None:
        """There is something to send."""
        del last_seq
        if self._engine is not None:
            self._engine.journal_grew()

    # -- what people do ----------------------------------------------------------------------

    def do_something(self) -> bool:
        """One errand, if there is one to be done; says whether something was made true."""
        command = self.work.fetch(self._errand).result()
        if command is None:
            return False
        try:
            receipt = self.work.submit(command, actor_id=self.person.user_id).result()
        except (Rejected, Unavailable):
            return False
        self.printed[receipt.cmd_id] = receipt
        return True

    def _errand(self, reader: Reader) -> Command | None:
        return next_errand(self.person, reader, self.workspace, register_id=self.register_id)

    # -- what must hold ----------------------------------------------------------------------

    def is_at_rest(self) -> bool:
        """Whether the server has everything, and this device all that the server has."""
        status = self.status
        if status.state is not SyncState.IDLE or status.pending or status.mismatches:
            return False
        waiting, cursor = self.work.ask(_standing).result()
        return waiting == 0 and cursor == self.shop.head

    def look(self) -> Seen:
        """What it holds now."""
        return self.work.ask(seen_in).result()


def _standing(bench: Workbench) -> tuple[int, object]:
    return bench.journal.waiting().count, bench.standing().cursor
