"""ChangeHub: one signal per turn of the loop, from any thread, on the UI thread."""

import asyncio
import threading

from PySide6.QtCore import QObject

from desktop.changes import ChangeHub, Changes
from desktop.ui.binding import connect
from tests.support.qt_loop import UiLoop


class Listener(QObject):
    """Writes down what it hears, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Changes] = []
        self.threads: list[int] = []

    def take(self, changes: Changes) -> None:
        self.heard.append(changes)
        self.threads.append(threading.get_ident())


def test_publications_of_one_turn_arrive_as_one_signal(ui: UiLoop) -> None:
    hub, listener = ChangeHub(), Listener()
    connect(hub.changed, listener.take)

    async def story() -> None:
        hub.publish({"product": frozenset({"a"})})
        hub.publish({"product": frozenset({"b"}), "order": frozenset({"o"})})
        await ui.until(lambda: listener.heard)
        await ui.turn(3)

    ui.run(story())

    assert [dict(changes.ids) for changes in listener.heard] == [
        {"product": frozenset({"a", "b"}), "order": frozenset({"o"})}
    ]


def test_publishing_from_other_threads_is_heard_on_the_ui_thread(ui: UiLoop) -> None:
    hub, listener = ChangeHub(), Listener()
    connect(hub.changed, listener.take)

    async def story() -> None:
        names = [str(at) for at in range(50)]
        await asyncio.gather(
            *(asyncio.to_thread(hub.publish, {"stock": frozenset({name})}) for name in names)
        )
        await ui.until(
            lambda: frozenset().union(*(c.ids["stock"] for c in listener.heard)) == set(names)
        )

    ui.run(story())

    assert set(listener.threads) == {threading.get_ident()}


def test_publishing_nothing_says_nothing(ui: UiLoop) -> None:
    hub, listener = ChangeHub(), Listener()
    connect(hub.changed, listener.take)

    async def story() -> None:
        hub.publish({})
        await ui.turn(3)

    ui.run(story())

    assert listener.heard == []


def test_changes_know_which_kinds_they_touch() -> None:
    changes = Changes({"order": frozenset({"1"})})

    assert changes.kinds == {"order"}
    assert changes.touches(frozenset({"order", "product"}))
    assert not changes.touches(frozenset({"product"}))


def test_any_row_stays_any_row_whatever_else_is_published(ui: UiLoop) -> None:
    hub, listener = ChangeHub(), Listener()
    connect(hub.changed, listener.take)

    async def story() -> None:
        hub.publish({"product": frozenset()})
        hub.publish({"product": frozenset({"b"}), "order": frozenset({"o"})})
        hub.publish({"order": frozenset()})
        await ui.until(lambda: listener.heard)

    ui.run(story())

    assert [dict(changes.ids) for changes in listener.heard] == [
        {"product": frozenset(), "order": frozenset()}
    ]
