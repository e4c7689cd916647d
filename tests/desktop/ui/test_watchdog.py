"""The watchdog sees stalls of the UI thread, names the place, and nothing else."""

import threading

from desktop.ui.watchdog import Watchdog
from tests.support.qt_loop import UiLoop


def block_the_ui_thread(seconds: float) -> None:
    threading.Event().wait(seconds)


def test_stall_is_seen_with_its_place(ui: UiLoop) -> None:
    dog = Watchdog(limit_ms=50)

    async def story() -> None:
        dog.start()
        await ui.turn(20)
        block_the_ui_thread(0.15)
        await ui.turn(20)

    ui.run(story())
    stalls = dog.stop()

    longest = max(stalls, key=lambda stall: stall.ms)
    assert longest.ms > 100
    assert "block_the_ui_thread" in longest.stack


def test_lively_thread_has_no_stalls(ui: UiLoop) -> None:
    dog = Watchdog(limit_ms=2_000)

    async def story() -> None:
        dog.start()
        await ui.turn(200)

    ui.run(story())

    assert dog.stop() == []
