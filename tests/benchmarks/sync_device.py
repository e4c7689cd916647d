"""A whole client below the screens, paired with a real server: its files, threads and engine."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

from desktop.enrolment import Pairing, enrol
from desktop.files import Keys
from desktop.secrets import DeviceKey, FileStore
from desktop.settings import Profile
from desktop.sync.engine import Engine
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.sync.sync_status import SyncStatus
from desktop.work import Work, open_work
from shared.kernel.clock import SystemClock
from shared.kernel.messages import Command
from shared.organization.commands import Workspace
from shared.storage.changes import ChangeSet
from shared.sync.state import SyncState
from tests.benchmarks.sync_stage import Goods

PATIENCE_S = 110.0
_KEYS = Keys(b"j" * 32, b"r" * 32)


class RealDevice:
    """One device; `seen` holds when its screens were last told of other rows.

    What happens is heard in the device's own threads, so waiting costs no processor time.
    """

    def __init__(self, goods: Goods, folder: Path, address: str) -> None:
        self._goods, self._folder, self._address = goods, folder, address
        self._news = threading.Condition()
        self.status = SyncStatus()
        self.seen: dict[str, float] = {}
        self.changed_at = 0.0
        folder.mkdir()
        self._key = DeviceKey(FileStore(folder / "keys", b"bench"))
        self.work: Work = open_work(
            Profile(folder / "profile"), _KEYS, clock=SystemClock(), listener=self
        )
        self._engine: Engine | None = None

    @property
    def is_paired(self) -> bool:
        """Whether it is a device of the shop yet."""
        return self.work.ask(lambda bench: bench.is_enrolled).result()

    def pair(self, workspace: Workspace = Workspace.MERCHANT) -> None:
        """Become a device of the shop."""
        pairing = Pairing(
            server_url=self._address,
            pairing_code=self._goods.site.code(workspace),
            name=self._folder.name,
            client_version="1",
        )
        asyncio.run(enrol(self.work, HttpEnrolment, self._key, pairing=pairing))

    @property
    def engine(self) -> Engine:
        """The engine, begun at its first use."""
        if self._engine is None:
            identity = self.work.ask(lambda bench: bench.identity).result()
            self._engine = Engine(
                self.work,
                lambda: HttpEndpoint(identity, self._key, SystemClock()),
                on_status=self._take,
                seed=identity.device_id,
            )
        return self._engine

    def start(self) -> None:
        """Exchange until both sides have everything."""
        self.engine.start()
        self.until(lambda status: status.is_filled and status.state is SyncState.IDLE)

    def close(self) -> None:
        """End everything."""
        if self._engine is not None:
            self._engine.stop()
        self.work.close()

    def do(self, command: Command) -> None:
        """Make a command true here, as the shop's owner."""
        self.work.submit(command, actor_id=self._goods.site.owner_id).result(PATIENCE_S)

    def until(self, holds: Callable[[SyncStatus], bool]) -> SyncStatus:
        """Wait for a status. Raises AssertionError when it does not come."""
        with self._news:
            came = self._news.wait_for(lambda: holds(self.status), PATIENCE_S)
            assert came, f"still {self.status}"
            return self.status

    def until_rows(self, row_id: str) -> float:
        """The moment at which screens were told of a row."""
        with self._news:
            assert self._news.wait_for(lambda: row_id in self.seen, PATIENCE_S), self.status
            return self.seen.pop(row_id)

    # -- what the client tells ---------------------------------------------------------------

    def rows_changed(self, changes: ChangeSet) -> None:
        """Note the moment; called in the writer's thread."""
        now = time.perf_counter()
        with self._news:
            self.changed_at = now
            for row_ids in changes.ids.values():
                self.seen.update(dict.fromkeys(row_ids, now))
            self._news.notify_all()

    def journal_grew(self, last_seq: int) -> None:
        """Pass on that there is something to send."""
        assert last_seq > 0
        if self._engine is not None:
            self._engine.journal_grew()

    def _take(self, status: SyncStatus) -> None:
        with self._news:
            self.status = status
            self._news.notify_all()
