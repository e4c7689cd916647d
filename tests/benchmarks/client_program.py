"""The real program with 100,000 products: keys go in, paints are timed, stalls are noted."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import qasync
from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import Options, Program
from desktop.ui import tasks
from desktop.ui.binding import connect, disconnect
from desktop.ui.watchdog import Stall, Watchdog
from shared.organization.commands import Workspace
from tests.benchmarks.child import QUIET_HOME
from tests.benchmarks.client_shop import Device
from tests.benchmarks.result import BenchResult, measured

OWNER = ("Olga", "")
"""Signs in without a PIN, as she has none."""
STALL_LIMIT_MS = 50.0
_NOTED_MS = 10.0
_PATIENCE_S = 20.0
_PAINTED = QEvent.Type(QEvent.registerEventType())


@dataclass(frozen=True, slots=True)
class Begun:
    """A running clock."""

    painted: "asyncio.Future[float]"
    started: float

    async def ended(self) -> float:
        """The milliseconds it ran. Raises TimeoutError after 20 s."""
        return (await asyncio.wait_for(self.painted, _PATIENCE_S) - self.started) * 1000


class PaintWatch(QObject):
    """Tells when a widget has painted after a condition came true."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        self._holds: Callable[[], bool] | None = None
        self._done: asyncio.Future[float] | None = None
        widget.installEventFilter(self)

    def begin(self, holds: Callable[[], bool]) -> "Begun":
        """Start the clock; a paint that begins when `holds()` stops it."""
        self._done = asyncio.get_running_loop().create_future()
        self._holds = holds
        return Begun(self._done, time.perf_counter())

    async def ms_after(self, act: Callable[[], None], holds: Callable[[], bool]) -> float:
        """Act, and give the milliseconds until a paint that began when `holds()` has ended.

        Raises TimeoutError after 20 s.
        """
        begun = self.begin(holds)
        act()
        return await begun.ended()

    def refresh(self) -> None:
        """Have the widget painted again, even if it would look the same."""
        self._widget.update()

    def eventFilter(  # noqa: N802 - the name that Qt calls
        self, _watched: QObject, event: QEvent
    ) -> bool:
        if event.type() is QEvent.Type.Paint and self._holds is not None and self._holds():
            self._holds = None
            # The paint itself is yet to come: this arrives when it is over.
            urgent = Qt.EventPriority.HighEventPriority.value
            QCoreApplication.postEvent(self, QEvent(_PAINTED), urgent)
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == _PAINTED:
            if self._done is not None and not self._done.done():
                self._done.set_result(time.perf_counter())
            return True
        return super().event(event)


class _Rest(QObject):
    """Completes a future when a condition holds as the loop is about to rest."""

    def __init__(self, holds: Callable[[], bool], done: "asyncio.Future[None]") -> None:
        super().__init__()
        self._holds, self._done = holds, done

    def look(self) -> None:
        """Ask once."""
        if not self._done.done() and self._holds():
            self._done.set_result(None)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises TimeoutError after 20 s."""
    if holds():
        return
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    rest = _Rest(holds, done)
    dispatcher = QAbstractEventDispatcher.instance()
    connect(dispatcher.aboutToBlock, rest.look)
    try:
        await asyncio.wait_for(done, _PATIENCE_S)
    finally:
        disconnect(dispatcher.aboutToBlock, rest.look)


async def settle() -> None:
    """Wait until no task of the program is under way."""
    for _ in range(3):
        await asyncio.sleep(0)
    await until(lambda: not tasks.running())


def press(text: str, *, end: bool = False) -> None:
    """Press keys where the focus is, as a person or (with Enter at the end) a scanner does."""
    target = QApplication.focusWidget()
    assert target is not None, "nothing has the focus"
    QTest.keyClicks(target, text)
    if end:
        QTest.keyClick(target, Qt.Key.Key_Return)


Story = Callable[[Program, QWidget], Awaitable[list[BenchResult]]]


def played(device: Device, workspace: Workspace, story: Story) -> list[BenchResult]:
    """Start the program as a person would, let a story happen, and give its figures."""
    os.environ.update(QUIET_HOME)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        results: list[BenchResult] = loop.run_until_complete(
            _live(app, device, workspace=workspace, story=story)
        )
    return results


async def _live(
    app: QApplication, device: Device, *, workspace: Workspace, story: Story
) -> list[BenchResult]:
    options = Options(
        profile=device.profile,
        workspace=workspace,
        language="en",
        mode="light",
        sign_in_as=OWNER,
    )
    program = Program(options, app)
    try:
        await program.start()
        window = program.window
        assert window is not None
        window.resize(1280, 800)
        window.activateWindow()
        await settle()
        # One for the figure; the other looks where the thread is when it is really late.
        short, long = Watchdog(limit_ms=_NOTED_MS), Watchdog(limit_ms=STALL_LIMIT_MS)
        short.start()
        long.start()
        try:
            results = await story(program, window)
        finally:
            stalls, late = short.stop(), long.stop()
    finally:
        await program.stop()
    return [*results, *_silences(workspace, stalls, late)]


def _silences(
    workspace: Workspace, stalls: Sequence[Stall], late: Sequence[Stall]
) -> list[BenchResult]:
    """How long the UI thread was silent at worst, and how often too long."""
    for stall in late:
        sys.stderr.write(f"\nstall of {stall.ms:.0f} ms:\n{stall.stack}")
    worst = max((stall.ms for stall in stalls), default=_NOTED_MS)
    name = f"{workspace.value}: worst stall of the UI thread"
    return [
        measured(name, "ms", [worst], better="lower", target=STALL_LIMIT_MS),
        measured(
            f"{workspace.value}: stalls over {STALL_LIMIT_MS:.0f} ms",
            "stalls",
            [len(late)],
            better="lower",
            target=0,
        ),
    ]
