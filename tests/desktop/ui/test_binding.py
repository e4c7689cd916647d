"""connect(): bound methods of QObjects, and nothing else."""

import functools

import pytest
from PySide6.QtCore import QObject, Signal

from desktop.ui.binding import connect, disconnect
from shared.kernel.errors import Bug


class Bell(QObject):
    rung = Signal(int)


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []

    def take(self, number: int) -> None:
        self.heard.append(number)


class Plain:
    def take(self, number: int) -> None:
        """Listen, without being a QObject."""


def test_bound_method_of_a_qobject_hears_the_signal_until_disconnected() -> None:
    bell, listener = Bell(), Listener()
    connect(bell.rung, listener.take)

    bell.rung.emit(1)
    disconnect(bell.rung, listener.take)
    bell.rung.emit(2)

    assert listener.heard == [1]


@pytest.mark.parametrize(
    "slot",
    [
        lambda number: number,
        functools.partial(print, "x"),
        Plain().take,
        print,
        Listener,
    ],
    ids=["lambda", "partial", "plain object", "function", "class"],
)
def test_anything_else_is_a_bug(slot: object) -> None:
    bell = Bell()

    with pytest.raises(Bug, match="bound method"):
        connect(bell.rung, slot)  # type: ignore[arg-type] # the point of the test
