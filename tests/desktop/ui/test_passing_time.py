"""Ticks, and noticing that nobody is there."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop.ui.idle import Idle
from desktop.ui.ticker import Ticker
from tests.support.qt_loop import UiLoop


class Heard:
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    def once(self) -> None:
        """One more."""
        self.count += 1


def test_a_ticker_ticks_until_it_is_stopped(ui: UiLoop) -> None:
    async def story() -> None:
        heard, ticker = Heard(), Ticker(1)
        ticker.ticked.connect(heard.once)
        assert not ticker.is_running
        ticker.start()
        await ui.until(lambda: heard.count >= 2)
        ticker.stop()
        assert not ticker.is_running

    ui.run(story())


def test_nobody_is_noticed_once_and_only_while_it_counts(ui: UiLoop) -> None:
    async def story() -> None:
        app = QCoreApplication.instance()
        assert app is not None
        heard, idle = Heard(), Idle(app, 5)
        idle.idled.connect(heard.once)
        idle.turn_on()
        idle.turn_off()
        await ui.turn(5)
        assert heard.count == 0
        idle.turn_on()
        await ui.until(lambda: heard.count == 1)
        await ui.turn(5)
        assert heard.count == 1
        idle.deleteLater()

    ui.run(story())


def test_a_key_is_a_sign_of_life_and_reaches_its_field(ui: UiLoop) -> None:
    async def story() -> None:
        app = QCoreApplication.instance()
        assert app is not None
        heard, idle = Heard(), Idle(app, 60_000)
        idle.idled.connect(heard.once)
        field = QLineEdit()
        ui.show(field)
        idle.turn_on()
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
        QCoreApplication.sendEvent(field, key)
        assert field.text() == "a"
        assert heard.count == 0
        idle.deleteLater()

    ui.run(story())
