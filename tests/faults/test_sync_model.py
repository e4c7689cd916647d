"""Devices and a server in any order of sales, lost and late answers, cuts and restores agree."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from shared.inventory.commands import AdjustStock, StockReason
from shared.kernel.errors import Rejected
from shared.kernel.ids import ShiftId
from shared.kernel.messages import Nature, OutcomeState
from shared.runtime.registry import command_type
from shared.sync.endpoint import OTHER_EPOCH
from shared.sync.protocol.pull import PullPage
from shared.sync.protocol.push import PushReply
from tests.support.reference_memory import Backup
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

WHICH = st.integers(min_value=0, max_value=2)
FATES = st.sampled_from(["taken", "taken", "lost", "late", "twice"])
MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that forgets is fast, and nothing here must last


@dataclass
class _Founded:
    """A world as every run begins: three devices, filled, with open shifts."""

    world: World
    server: Backup
    shifts: list[ShiftId]
    folder: Path


@cache
def _founded() -> _Founded:
    folder = Path(tempfile.mkdtemp(prefix="pycommerce-model-", dir=_fast_folder()))
    world = World(folder)
    for device in (world.till(), world.till(), world.back_office()):
        device.pull()
    shifts = [world.open_shift(device) for device in world.devices[:2]]
    for device in world.devices:
        device.sync()
    for device in world.devices:
        device.pull()
        device.stop()
    return _Founded(world, world.server.back_up(), shifts, folder)


def _fast_folder() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


@dataclass
class _OnTheLine:
    """Answers that were sent and have not arrived."""

    replies: list[PushReply] = field(default_factory=list)
    pages: list[PullPage] = field(default_factory=list)


class SyncModel(RuleBasedStateMachine):
    """Every rule is one thing that can happen to one device or to the server."""

    @initialize()
    def found(self) -> None:
        founded = _founded()
        self.world = founded.world
        self.shifts = founded.shifts
        self.server = self.world.server
        self.server.rewind(founded.server)
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=founded.folder))
        self.devices: list[DeviceInWorld] = []
        for stopped in self.world.devices:
            copy = self.folder / stopped.profile.folder.name
            shutil.copytree(stopped.profile.folder, copy)
            self.devices.append(
                DeviceInWorld(self.server, copy, clock=self.world.clock, keys=stopped.keys)
            )
        self.lines = [_OnTheLine() for _ in self.devices]
        self.backup: Backup | None = None
        self.price = 1000
        self.was_touched: set[int] = set()

    # -- what people do ----------------------------------------------------------------------

    @rule(which=st.integers(0, 1), qty=st.integers(1, 3))
    def sell(self, which: int, qty: int) -> None:
        device = self._touched(which)
        receipt = self.world.sell(device, self.shifts[which], qty=qty)
        assert receipt.outcome.state in {
            OutcomeState.APPLIED,
            OutcomeState.APPLIED_WITH_EXCEPTION,
        }

    @rule(which=WHICH, product=st.integers(0, 1))
    def change_price(self, which: int, product: int) -> None:
        self.price += 1
        change = self.world.price_change(self.price, of=product)
        self._touched(which).submit(change, self.world.owner_id)

    @rule(which=WHICH, delta=st.integers(-80, 80).filter(bool))
    def adjust_stock(self, which: int, delta: int) -> None:
        adjustment = AdjustStock(
            variant_id=self.world.variants[1],
            location_id=self.world.location_id,
            delta_qty=delta,
            reason=StockReason.ADJUSTED,
        )
        try:
            self._touched(which).submit(adjustment, self.world.owner_id)
        except Rejected:
            return

    @rule(product=st.integers(0, 1))
    def change_price_at_server(self, product: int) -> None:
        self.price += 1
        self.server.do(self.world.price_change(self.price, of=product))

    # -- what the network does ---------------------------------------------------------------

    @rule(which=WHICH, fate=FATES)
    def push(self, which: int, fate: str) -> None:
        device = self._touched(which)
        reply = device.send()
        if reply is None:
            return
        if fate == "late":
            self.lines[which].replies.append(reply)
        for _ in range({"taken": 1, "twice": 2}.get(fate, 0)):
            device.take_reply(reply)

    @rule(which=WHICH, fate=FATES, limit=st.sampled_from([1, 3, 1000]))
    def pull(self, which: int, fate: str, limit: int) -> None:
        device = self._touched(which)
        try:
            page = device.page(limit=limit)
        except Rejected as refusal:
            self._start_over(device, refusal)
            return
        if fate == "late":
            self.lines[which].pages.append(page)
        for _ in range({"taken": 1, "twice": 2}.get(fate, 0)):
            device.take_page(page)

    @rule(which=WHICH)
    def late_answers_arrive(self, which: int) -> None:
        device, line = self._touched(which), self.lines[which]
        self.lines[which] = _OnTheLine()
        for reply in line.replies:
            device.take_reply(reply)
        for page in line.pages:
            device.take_page(page)

    # -- what machines do --------------------------------------------------------------------

    @rule(which=WHICH)
    def cut_off(self, which: int) -> None:
        device = self._touched(which)
        device.cut_off()
        device.start()
        self.lines[which] = _OnTheLine()

    @rule()
    def back_up_server(self) -> None:
        self.backup = self.server.back_up()

    @rule()
    def put_server_back(self) -> None:
        if self.backup is None:
            return
        self.server.put_back(self.backup)
        self.backup = None
        # Answers of a server that is gone do not arrive behind those of its successor.
        self.lines = [_OnTheLine() for _ in self.devices]

    # -- what must hold ----------------------------------------------------------------------

    @invariant()
    def touched_devices_are_as_they_must_be(self) -> None:
        for which in self.was_touched:
            self.devices[which].check()
        self.was_touched = set()

    def teardown(self) -> None:
        if not hasattr(self, "devices"):
            return
        try:
            self._heal()
            for device in self.devices:
                device.check()
                device.check_same_as_server()
                self._check_outcomes(device)
            assert set(self.server.runs.values()) <= {1}
        finally:
            for device in self.devices:
                device.cut_off()
            shutil.rmtree(self.folder)

    def _heal(self) -> None:
        """Let everybody exchange until nothing moves any more."""
        for _turn in range(2):
            for device in self.devices:
                self._whatever_the_epoch(device, device.sync)
        for device in self.devices:
            device.pull()

    def _whatever_the_epoch(
        self, device: DeviceInWorld, exchange_all: Callable[[], object]
    ) -> None:
        for _attempt in range(3):
            try:
                exchange_all()
            except Rejected as refusal:
                self._start_over(device, refusal)

    def _start_over(self, device: DeviceInWorld, refusal: Rejected) -> None:
        assert refusal.code == OTHER_EPOCH
        device.bench.start_over()

    def _check_outcomes(self, device: DeviceInWorld) -> None:
        """Every command was decided, in its order; a fact was never refused."""
        before = 0
        for entry in device.bench.journal.entries(after=0):
            assert entry.outcome is not None
            assert entry.commit_seq is not None
            assert entry.commit_seq >= before
            before = entry.commit_seq
            if command_type(entry.envelope.name).NATURE is Nature.FACT:
                assert entry.outcome.state in {
                    OutcomeState.APPLIED,
                    OutcomeState.APPLIED_WITH_EXCEPTION,
                }

    def _touched(self, which: int) -> DeviceInWorld:
        self.was_touched.add(which)
        return self.devices[which]


def _settings(*, runs: int, steps: int) -> settings:
    return settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def test_everybody_agrees_after_a_few_short_stories() -> None:
    run_state_machine_as_test(SyncModel, settings=_settings(runs=8, steps=20))
    assert _founded().world.devices


@pytest.mark.slow
def test_everybody_agrees_after_many_long_stories() -> None:
    run_state_machine_as_test(SyncModel, settings=_settings(runs=150, steps=50))
    assert _founded().world.devices
