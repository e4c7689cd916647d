"""Waiting inside a running Qt loop until something holds: event by event, never by sleeping."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QObject

from desktop.ui.binding import connect, disconnect

PATIENCE_S = 30.0


class _Look(QObject):
    """Asks a predicate each time the loop is about to rest, or has just woken."""

    def __init__(self, predicate: Callable[[], object], done: "asyncio.Future[None]") -> None:
        super().__init__()
        self._predicate = predicate
        self._done = done

    def look(self) -> None:
        """Ask once."""
        if self._done.done():
            return
        try:
            holds = bool(self._predicate())
        except Exception as error:  # noqa: BLE001 - goes to whoever waits
            self._done.set_exception(error)
        else:
            if holds:
                self._done.set_result(None)


def _named(predicate: Callable[[], object]) -> str:
    code = getattr(predicate, "__code__", None)
    line = "" if code is None else f" ({code.co_filename}:{code.co_firstlineno})"
    return f"{predicate!r}{line}"


async def until(predicate: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until `predicate()` holds. Raises TimeoutError after `patience_s` seconds."""
    if predicate():
        return
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    look = _Look(predicate, done)
    dispatcher = QAbstractEventDispatcher.instance()
    if dispatcher is None:
        raise RuntimeError("there is no Qt loop")
    connect(dispatcher.aboutToBlock, look.look)
    connect(dispatcher.awake, look.look)
    try:
        await asyncio.wait_for(done, patience_s)
    except TimeoutError:
        message = f"waited {patience_s} s in vain for {_named(predicate)}"
        raise TimeoutError(message) from None
    finally:
        disconnect(dispatcher.aboutToBlock, look.look)
        disconnect(dispatcher.awake, look.look)


async def turn(turns: int = 1) -> None:
    """Let the event loop go round, with everything that is waiting in it."""
    loop = asyncio.get_running_loop()
    for _ in range(turns):
        done: asyncio.Future[None] = loop.create_future()
        loop.call_later(0, done.set_result, None)
        await done
