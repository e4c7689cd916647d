"""spawn(): nothing is lost, errors reach whoever should show them, owners end their tasks."""

import asyncio
import gc

import pytest
from PySide6.QtCore import QObject

from desktop.ui import tasks
from shared.kernel.errors import Bug, Rejected, Unavailable
from tests.support.qt_loop import UiLoop


class Owner(QObject):
    """Runs small coroutines and remembers what happened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.done: list[str] = []

    async def work(self, name: str, gate: asyncio.Event | None = None) -> str:
        if gate is not None:
            await gate.wait()
        self.done.append(name)
        return name

    async def fail(self, error: Exception) -> None:
        await asyncio.sleep(0)
        raise error


class Screen(Owner):
    """An owner that takes errors itself."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Exception] = []

    def show_rejected(self, error: Rejected) -> None:
        self.shown.append(error)

    def show_unavailable(self, error: Unavailable) -> None:
        self.shown.append(error)


def test_task_without_any_other_reference_survives_garbage_collection(ui: UiLoop) -> None:
    owner = Owner()

    async def story() -> None:
        gates = [asyncio.Event() for _ in range(20)]
        for at, gate in enumerate(gates):
            tasks.spawn(owner, owner.work(str(at), gate))
        await ui.turn()
        gc.collect()
        for gate in gates:
            gate.set()
        await ui.settle()

    ui.run(story())

    assert sorted(owner.done, key=int) == [str(at) for at in range(20)]
    assert tasks.running() == frozenset()


def test_tasks_end_with_their_owner(ui: UiLoop) -> None:
    async def story() -> None:
        owner = Owner()
        spawned = tasks.spawn(owner, owner.work("never", asyncio.Event()))
        await ui.turn()
        owner.deleteLater()
        await ui.until(spawned.cancelled)

    ui.run(story())

    assert tasks.running() == frozenset()


def test_tasks_end_with_the_parent_of_their_owner(ui: UiLoop) -> None:
    async def story() -> tasks.Spawned[str]:
        parent = QObject()
        owner = Owner(parent)
        spawned = tasks.spawn(owner, owner.work("never", asyncio.Event()))
        await ui.turn()
        parent.deleteLater()
        await ui.until(spawned.done)
        return spawned

    assert ui.run(story()).cancelled()


def test_spawning_for_a_destroyed_owner_is_a_bug(ui: UiLoop) -> None:
    async def story() -> None:
        parent = QObject()
        owner = Owner(parent)
        parent.deleteLater()
        await ui.turn(3)
        with pytest.raises(Bug, match="destroyed"):
            tasks.spawn(owner, asyncio.sleep(0))

    ui.run(story())


def test_rejection_goes_to_the_nearest_parent_that_shows_it(ui: UiLoop) -> None:
    screen = Screen()
    owner = Owner(screen)
    rejected, unavailable = Rejected("sku_taken", field="sku"), Unavailable("disk_full")

    async def story() -> None:
        tasks.spawn(owner, owner.fail(rejected))
        tasks.spawn(owner, owner.fail(unavailable))
        await ui.settle()

    ui.run(story())

    assert screen.shown == [rejected, unavailable]
    assert ui.reporter.rejected == []


def test_errors_nobody_takes_reach_the_reporter_by_family(ui: UiLoop) -> None:
    owner = Owner()
    errors = [Rejected("a"), Unavailable("b"), ZeroDivisionError("c")]

    async def story() -> None:
        for error in errors:
            tasks.spawn(owner, owner.fail(error))
        await ui.settle()

    ui.run(story())

    assert ui.reporter.rejected == errors[:1]
    assert ui.reporter.unavailable == errors[1:2]
    assert ui.reporter.failures == errors[2:]
    ui.reporter.failures.clear()


def test_on_error_takes_every_error_instead(ui: UiLoop) -> None:
    owner = Owner()
    taken: list[BaseException] = []
    error = ZeroDivisionError("c")

    async def story() -> None:
        tasks.spawn(owner, owner.fail(error), on_error=taken.append)
        await ui.settle()

    ui.run(story())

    assert taken == [error]


def test_newer_call_with_the_same_key_replaces_the_older(ui: UiLoop) -> None:
    owner = Owner()

    async def story() -> tuple[tasks.Spawned[str], tasks.Spawned[str]]:
        gate = asyncio.Event()
        first = tasks.latest(owner, "search", owner.work("old", gate))
        other = tasks.latest(owner, "load", owner.work("other", gate))
        await ui.turn()
        tasks.latest(owner, "search", owner.work("new", gate))
        gate.set()
        await ui.settle()
        return first, other

    first, other = ui.run(story())

    assert first.cancelled()
    assert not other.cancelled()
    assert sorted(owner.done) == ["new", "other"]


def test_cancel_ends_all_tasks_of_a_living_owner(ui: UiLoop) -> None:
    owner = Owner()

    async def story() -> None:
        spawned = tasks.spawn(owner, owner.work("never", asyncio.Event()))
        await ui.turn()
        tasks.cancel(owner)
        await ui.until(spawned.cancelled)

    ui.run(story())

    assert owner.done == []
