"""ViewModel: refreshes once per turn, knows its phase, brings errors to its view."""

import asyncio
from typing import ClassVar

from desktop.changes import ChangeHub
from desktop.ui.binding import connect
from desktop.ui.view_model import Phase, ViewModel
from shared.kernel.errors import Rejected, Unavailable
from tests.support.qt_loop import UiLoop


class Products(ViewModel):
    watches: ClassVar[frozenset[str]] = frozenset({"product"})

    def __init__(self, hub: ChangeHub | None = None) -> None:
        super().__init__(hub)
        self.refreshes = 0
        self.problem: Exception | None = None
        self.busy_seen: list[bool] = []
        self.seen: list[Rejected] = []

    async def refresh(self) -> None:
        self.refreshes += 1
        await asyncio.sleep(0)
        if self.problem is not None:
            raise self.problem

    async def archive(self, error: Exception | None = None) -> None:
        await asyncio.sleep(0)
        if error is not None:
            raise error

    def note_busy(self) -> None:
        self.busy_seen.append(self.busy)

    def note_rejected(self, error: Rejected) -> None:
        self.seen.append(error)


def test_many_changes_in_one_turn_make_one_refresh(ui: UiLoop) -> None:
    hub = ChangeHub()
    model = Products(hub)

    async def story() -> None:
        model.request_refresh()
        for at in range(10):
            hub.publish({"product": frozenset({str(at)})})
        await ui.settle()

    ui.run(story())

    assert model.refreshes <= 2
    assert model.phase is Phase.READY


def test_changes_of_other_kinds_are_ignored(ui: UiLoop) -> None:
    hub = ChangeHub()
    model = Products(hub)

    async def story() -> None:
        hub.publish({"order": frozenset({"1"})})
        await ui.settle()

    ui.run(story())

    assert model.refreshes == 0


def test_unavailable_while_loading_is_a_phase_and_start_tries_again(ui: UiLoop) -> None:
    model = Products()
    model.problem = Unavailable("database_locked")

    async def story() -> None:
        model.start()
        await ui.until(lambda: model.phase is Phase.UNAVAILABLE)
        model.problem = None
        model.start()
        await ui.until(lambda: model.phase is Phase.READY)

    ui.run(story())

    assert model.error is None
    assert ui.reporter.unavailable == []


def test_bug_while_loading_is_a_phase_and_is_reported(ui: UiLoop) -> None:
    model = Products()
    model.problem = ZeroDivisionError("x")

    async def story() -> None:
        model.start()
        await ui.settle()

    ui.run(story())

    assert model.phase is Phase.FAILED
    assert ui.reporter.failures == [model.problem]
    ui.reporter.failures.clear()


def test_model_is_busy_while_an_intent_runs(ui: UiLoop) -> None:
    model = Products()
    connect(model.changed, model.note_busy)

    async def story() -> None:
        model.run(model.archive())
        await ui.settle()

    ui.run(story())

    assert model.busy_seen == [True, False]


def test_rejected_intent_is_told_to_the_view(ui: UiLoop) -> None:
    model = Products()
    connect(model.rejected, model.note_rejected)
    error = Rejected("product_in_use")

    async def story() -> None:
        model.run(model.archive(error))
        await ui.settle()

    ui.run(story())

    assert model.seen == [error]
    assert not model.busy


def test_rejected_intent_without_a_view_is_not_lost(ui: UiLoop) -> None:
    model = Products()
    error = Rejected("product_in_use")

    async def story() -> None:
        model.run(model.archive(error))
        await ui.settle()

    ui.run(story())

    assert ui.reporter.rejected == [error]


def test_disposed_model_hears_no_more_changes(ui: UiLoop) -> None:
    hub = ChangeHub()
    model = Products(hub)

    async def story() -> None:
        model.dispose()
        hub.publish({"product": frozenset({"1"})})
        await ui.turn(4)

    ui.run(story())

    assert model.refreshes == 0
