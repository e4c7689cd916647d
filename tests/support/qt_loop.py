"""The `ui` fixture: drives tests of the client as coroutines on one Qt event loop.

    def test_list_shows_rows(ui: UiLoop) -> None:
        async def story() -> None:
            view.start()
            await ui.until(lambda: view.row_count == 3)
        ui.run(story())

`until` looks at its predicate each time the loop is about to rest, so it needs no sleeps.
"""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop.ui import i18n, tasks, theme
from shared.kernel.errors import Rejected, Unavailable
from tests.support.waiting import turn, until

_T = TypeVar("_T")
PATIENCE_S = 10.0


class RecordingReporter:
    """Hears of every error that no owner took; failures make the test fail."""

    def __init__(self) -> None:
        self.rejected: list[Rejected] = []
        self.unavailable: list[Unavailable] = []
        self.failures: list[BaseException] = []

    def show_rejected(self, error: Rejected) -> None:
        """Remember a rejection."""
        self.rejected.append(error)

    def show_unavailable(self, error: Unavailable) -> None:
        """Remember an unavailability."""
        self.unavailable.append(error)

    def report_failure(self, error: BaseException) -> None:
        """Remember a bug; `UiLoop.finish` raises it unless the test took it out."""
        self.failures.append(error)


class UiLoop:
    """One Qt event loop for tests; `reporter` holds the errors nobody took."""

    def __init__(self, loop: "qasync.QEventLoop") -> None:
        self._loop = loop
        self._pool = ThreadPoolExecutor(max_workers=2)
        loop.set_default_executor(self._pool)
        self.reporter = RecordingReporter()

    def run(self, story: Coroutine[Any, Any, _T], patience_s: float = PATIENCE_S * 3) -> _T:
        """Run a test's coroutine to its end and give its result."""
        result: _T = self._loop.run_until_complete(asyncio.wait_for(story, patience_s))
        return result

    async def until(self, predicate: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Wait until `predicate()` holds; raises TimeoutError with its name after patience_s."""
        await until(predicate, patience_s)

    async def turn(self, turns: int = 1) -> None:
        """Let the event loop go round, with everything that is waiting in it."""
        await turn(turns)

    async def settle(self) -> None:
        """Wait until no task of the program is under way, and what they caused is painted."""
        await self.turn(2)
        await self.until(lambda: not tasks.running())
        await self.turn(2)

    def show(self, widget: QWidget, width: int = 900, height: int = 600) -> None:
        """Show a widget and make it the active window."""
        widget.resize(width, height)
        widget.show()
        widget.activateWindow()
        widget.setFocus()

    def finish(self) -> None:
        """End a test: cancel what runs, remove windows, raise what nobody took."""
        left = [task for task in tasks.running() if not task.done()]
        for task in left:
            task.cancel()
        self._loop.run_until_complete(_drain(left))
        self._pool.shutdown()
        for widget in QApplication.topLevelWidgets():
            if isValid(widget):
                widget.close()
                widget.deleteLater()
        self._loop.run_until_complete(self.turn(2))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        tasks.use_reporter(None)
        if self.reporter.failures:
            raise self.reporter.failures[0]


async def _drain(left: "list[asyncio.Task[Any]]") -> None:
    if left:
        await asyncio.wait(left, timeout=PATIENCE_S)


@pytest.fixture(scope="session")
def qt_loop(qapp: QApplication) -> Iterator["qasync.QEventLoop"]:
    """Make the one event loop of the test session, with the theme and strict English texts."""
    qapp.setQuitOnLastWindowClosed(False)
    # Modules are loaded by now: what they hold need not be looked through after every test.
    gc.collect()
    gc.freeze()
    loop = qasync.QEventLoop(qapp, already_running=False)
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def ui(qt_loop: "qasync.QEventLoop", qapp: QApplication) -> Iterator[UiLoop]:
    """Give the loop that runs a test's coroutine; fails the test for errors nobody took."""
    i18n.use(i18n.load("en", is_strict=True))
    if qapp.styleSheet() == "" or theme.current() != theme.Theme():
        theme.apply(qapp, theme.Theme())
    # asyncio.run of a test without Qt leaves the thread without a loop.
    asyncio.set_event_loop(qt_loop)
    made = UiLoop(qt_loop)
    tasks.use_reporter(made.reporter)
    yield made
    made.finish()
