"""Devices with their threads and engines around a reference server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop.sync.engine import Engine
from desktop.sync.sync_status import SyncStatus
from desktop.work import Work, open_work
from shared.storage.changes import ChangeSet
from shared.sync.state import SyncState
from tests.support.loopback import QUICK, LoopbackEndpoint, Network, Watcher
from tests.support.world import World
from tests.support.world_device import DeviceInWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def network(world: World) -> Network:
    return Network(world.server)


@dataclass
class Running:
    """A device at work: its doors, its engine and what the engine tells."""

    device: DeviceInWorld
    work: Work
    engine: Engine
    watcher: Watcher
    network: Network

    def settle(self) -> SyncStatus:
        """Wait until both sides have everything."""
        return self.watcher.until(self._is_settled)

    def _is_settled(self, status: SyncStatus) -> bool:
        is_quiet = status.state is SyncState.IDLE and status.pending == 0
        if not is_quiet or self.work.ask(lambda bench: bench.journal.waiting().count).result():
            return False
        return status.cursor == self.network.true_head


class _Joined:
    """Passes on what the writer tells."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.changes: list[ChangeSet] = []

    def rows_changed(self, changes: ChangeSet) -> None:
        self.changes.append(changes)

    def journal_grew(self, _last_seq: int) -> None:
        if self.engine is not None:
            self.engine.journal_grew()


@contextmanager
def running(device: DeviceInWorld, network: Network, world: World) -> Iterator[Running]:
    """Start a stopped device with its threads and its engine, and stop it again."""
    device_id = device.device_id
    device.stop()
    joined, watcher = _Joined(), Watcher()
    work = open_work(device.profile, device.keys, clock=world.clock, listener=joined)
    engine = Engine(
        work,
        lambda: LoopbackEndpoint(network, device_id),
        on_status=watcher.take,
        tempo=QUICK,
        seed=device_id,
    )
    joined.engine = engine
    engine.start()
    try:
        yield Running(device, work, engine, watcher, network)
    finally:
        engine.stop()
        work.close()
        device.start()


@pytest.fixture
def till(world: World, network: Network) -> Iterator[Running]:
    """A till with an open shift, in step with the server."""
    device = world.till()
    world.open_shift(device)
    with running(device, network, world) as made:
        made.settle()
        yield made
