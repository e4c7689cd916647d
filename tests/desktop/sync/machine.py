"""A machine with the whole client below the screens, on a real server's wire."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from desktop.enrolment import Pairing, enrol
from desktop.files import Keys
from desktop.journal import Identity
from desktop.secrets import DeviceKey, FileStore
from desktop.settings import Profile
from desktop.sync.engine import Engine
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Tempo
from desktop.work import Work, open_work
from shared.kernel.clock import FixedClock
from shared.kernel.messages import Command
from shared.sync.state import SyncState
from tests.support.cable import Cable
from tests.support.loopback import QUICK, Watcher
from tests.support.world_device import Heard
from tests.sync_server.devices import Site


class Joined(Heard):
    """A listener that passes on what concerns the engine."""

    engine: Engine | None = None

    def journal_grew(self, last_seq: int) -> None:
        super().journal_grew(last_seq)
        if self.engine is not None:
            self.engine.journal_grew()


class Machine:
    """A machine with the whole client below the screens."""

    def __init__(self, site: Site, folder: Path, cable: Cable) -> None:
        self.site, self.cable, self.folder = site, cable, folder
        self.watcher, self.heard = Watcher(), Joined()
        self.blobs_told: list[str] = []
        folder.mkdir(exist_ok=True)
        self.key = DeviceKey(FileStore(folder / "keys", b"machine"))
        keys = Keys(b"j" * 32, b"r" * 32)
        self.clock = FixedClock(site.server.clock.now())
        self.work: Work = open_work(
            Profile(folder / "profile"), keys, clock=self.clock, listener=self.heard
        )
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        assert self._engine is not None
        return self._engine

    def pair(self, code: str) -> Identity:
        """Become a device, or the same one again."""
        pairing = Pairing(
            server_url=self.cable.url, pairing_code=code, name="PC", client_version="1"
        )
        return asyncio.run(enrol(self.work, HttpEnrolment, self.key, pairing=pairing))

    def start(self, tempo: Tempo = QUICK) -> None:
        """Begin to exchange."""
        identity = self.identity
        self._engine = Engine(
            self.work,
            lambda: HttpEndpoint(identity, self.key, self.clock),
            on_status=self.watcher.take,
            on_blob=self.blobs_told.append,
            tempo=tempo,
        )
        self.heard.engine = self._engine
        self._engine.start()

    def stop(self) -> None:
        """End the exchange."""
        if self._engine is not None:
            self._engine.stop()

    @property
    def identity(self) -> Identity:
        return self.work.ask(lambda bench: bench.identity).result()

    def do(self, command: Command) -> None:
        """Make a command true here, as the owner."""
        self.work.submit(command, actor_id=self.site.owner_id).result()

    def settle(self) -> SyncStatus:
        """Wait until the server has everything, and this machine what the server has."""
        return self.watcher.until(self._is_settled)

    def _is_settled(self, status: SyncStatus) -> bool:
        if status.state is not SyncState.IDLE or status.pending:
            return False
        if self.work.ask(lambda bench: bench.journal.waiting().count).result():
            return False
        return status.cursor.seq == server_seq(self.site)


def server_seq(site: Site) -> int:
    """The number of the tenant's last commit."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return int(connection.execute(sa.text("SELECT seq FROM sync_head")).scalar_one())
