"""spawn(): start a coroutine from the UI; it is held, reported on, and ends with its owner."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject
from shiboken6 import getCppPointer, isValid

from desktop.ui.binding import connect
from shared.kernel.errors import Bug, Rejected, Unavailable

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Reporter(Protocol):
    """Where errors of tasks go when neither the task nor its owner takes them."""

    def show_rejected(self, error: Rejected) -> None:
        """Tell the person what was refused and what to do."""

    def show_unavailable(self, error: Unavailable) -> None:
        """Say what is out of reach, without stopping work."""

    def report_failure(self, error: BaseException) -> None:
        """Take note of a bug; in tests this fails the test."""


class _LogReporter:
    """Used until the program has a window: writes to the log."""

    def show_rejected(self, error: Rejected) -> None:
        _log.warning("rejected: %s", error)

    def show_unavailable(self, error: Unavailable) -> None:
        _log.warning("unavailable: %s", error)

    def report_failure(self, error: BaseException) -> None:
        _log.error("task failed", exc_info=error)


class _Registry:
    """All tasks that are under way, and who hears of their errors."""

    def __init__(self) -> None:
        self.reporter: Reporter = _LogReporter()
        self.running: set[asyncio.Task[Any]] = set()
        self.keepers: dict[int, _Keeper] = {}


@lru_cache(maxsize=1)
def _registry() -> _Registry:
    return _Registry()


def use_reporter(reporter: Reporter | None) -> None:
    """Make `reporter` hear of errors that no owner takes; None goes back to the log."""
    _registry().reporter = reporter or _LogReporter()


def running() -> frozenset["asyncio.Task[Any]"]:
    """Give the tasks that are under way."""
    return frozenset(_registry().running)


class Spawned(Generic[_T]):
    """A coroutine under way; may be ignored, for its owner and its errors are taken care of."""

    def __init__(self, task: "asyncio.Task[_T]") -> None:
        self.task = task

    def cancel(self) -> None:
        """Ask it to end."""
        self.task.cancel()

    def done(self) -> bool:
        """Say whether it has ended, in whatever way."""
        return self.task.done()

    def cancelled(self) -> bool:
        """Say whether it was cancelled."""
        return self.task.cancelled()


class _Keeper(QObject):
    """Holds the tasks of an owner and cancels them when it is destroyed.

    It is no child of its owner: while an owner is taken down, the Python half of a child may be
    gone before the signal arrives.
    """

    def __init__(self, owner: QObject, address: int) -> None:
        super().__init__()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.latest: dict[str, asyncio.Task[Any]] = {}
        self._address = address
        connect(owner.destroyed, self.let_go)

    def let_go(self) -> None:
        """The owner is gone: nobody waits for its tasks any more."""
        _registry().keepers.pop(self._address, None)
        self.cancel_all()

    def cancel_all(self) -> None:
        """Cancel what is under way."""
        for task in tuple(self.tasks):
            task.cancel()


def _keeper(owner: QObject) -> _Keeper:
    if not isValid(owner):
        message = "the owner of a task has already been destroyed"
        raise Bug(message)
    (address,) = getCppPointer(owner)
    keepers = _registry().keepers
    if address not in keepers:
        keepers[address] = _Keeper(owner, address)
    return keepers[address]


def spawn(
    owner: QObject,
    coro: Coroutine[Any, Any, _T],
    *,
    on_error: Callable[[BaseException], None] | None = None,
) -> Spawned[_T]:
    """Run `coro` on the UI loop; it is cancelled when `owner` is destroyed.

    Errors go to `on_error`; else Rejected and Unavailable go to the nearest parent of `owner`
    with `show_rejected` or `show_unavailable`, else to the program's reporter. Nothing is lost.
    """
    try:
        keeper = _keeper(owner)
    except Bug:
        coro.close()
        raise
    task = asyncio.get_event_loop().create_task(coro)
    watch = _Watch(owner, keeper, on_error)
    keeper.tasks.add(task)
    _registry().running.add(task)
    task.add_done_callback(watch.finished)
    return Spawned(task)


def latest(
    owner: QObject,
    key: str,
    coro: Coroutine[Any, Any, _T],
    *,
    on_error: Callable[[BaseException], None] | None = None,
) -> Spawned[_T]:
    """Run `coro` like `spawn`, and cancel the one before it with the same owner and key.

    For search as you type: what an older call still finds never reaches the screen.
    """
    spawned = spawn(owner, coro, on_error=on_error)
    keeper = _keeper(owner)
    before = keeper.latest.get(key)
    if before is not None and not before.done():
        before.cancel()
    keeper.latest[key] = spawned.task
    return spawned


def cancel(owner: QObject) -> None:
    """Cancel all tasks of an owner that goes on living."""
    _keeper(owner).cancel_all()


class _Watch:
    """Takes the end of one task."""

    def __init__(
        self,
        owner: QObject,
        keeper: _Keeper,
        on_error: Callable[[BaseException], None] | None,
    ) -> None:
        self._owner = owner
        self._keeper = keeper
        self._on_error = on_error

    def finished(self, task: "asyncio.Task[Any]") -> None:
        self._keeper.tasks.discard(task)
        _registry().running.discard(task)
        for key in [key for key, kept in self._keeper.latest.items() if kept is task]:
            del self._keeper.latest[key]
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        if self._on_error is not None:
            self._on_error(error)
            return
        report(self._owner, error)


def report(owner: QObject | None, error: BaseException) -> None:
    """Bring an error to whoever should show it: the owner, its parents, else the reporter."""
    reporter = _registry().reporter
    if isinstance(error, Rejected):
        (_hook(owner, "show_rejected") or reporter.show_rejected)(error)
    elif isinstance(error, Unavailable):
        (_hook(owner, "show_unavailable") or reporter.show_unavailable)(error)
    else:
        reporter.report_failure(error)


def _hook(owner: QObject | None, name: str) -> Callable[[Any], None] | None:
    current = owner if owner is not None and isValid(owner) else None
    while current is not None:
        hook: Callable[[Any], None] | None = getattr(current, name, None)
        if callable(hook):
            return hook
        current = current.parent()
    return None
