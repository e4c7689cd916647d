"""The light that tells screens how synchronisation stands."""

import threading
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QMetaObject, QObject, Qt
from pytestqt.qtbot import QtBot

from desktop.sync.status import SyncLight
from desktop.sync.sync_status import SyncStatus
from desktop.sync.tempo import Patience, Tempo
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Unavailable
from shared.sync.cursor import Cursor
from shared.sync.state import SyncState
from tests.support.world import OPENING

IDLE = SyncStatus(state=SyncState.IDLE, is_online=True, cursor=Cursor(1, 7), is_filled=True)
TROUBLE = Unavailable("server_unreachable")
OFFLINE = SyncStatus(state=SyncState.OFFLINE, error=TROUBLE, pending=3, oldest_at=OPENING)


class Counting(QObject):
    """Counts how often it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def told(self) -> None:
        self.count += 1


class Hurried:
    """Counts how often it was hurried."""

    def __init__(self) -> None:
        self.count = 0

    def sync_now(self) -> None:
        self.count += 1


def test_it_shows_on_the_ui_thread_what_the_engine_told_from_its_own(qtbot: QtBot) -> None:
    light = SyncLight(FixedClock(OPENING))
    telling = threading.Thread(target=light.take, args=(IDLE,))
    with qtbot.waitSignal(light.changed):
        telling.start()
    telling.join()
    assert light.is_online
    assert not light.is_busy
    assert light.cursor == "1.7"
    assert (light.unsent_count, light.mismatch_count, light.error) == (0, 0, None)


def test_many_reports_in_a_row_are_shown_once(qtbot: QtBot) -> None:
    light, counting = SyncLight(FixedClock(OPENING)), Counting()
    light.changed.connect(counting.told)
    with qtbot.waitSignal(light.changed):
        for pending in range(50):
            light.take(replace(IDLE, pending=pending))
    assert counting.count == 1
    assert light.unsent_count == 49
    light.take(replace(IDLE, pending=49))
    # The status that is told last is the one that is shown: nothing differs.
    QMetaObject.invokeMethod(light, "_deliver", Qt.ConnectionType.DirectConnection)
    assert counting.count == 1


def test_it_knows_since_when_the_server_is_away_and_when_all_was_exchanged(
    qtbot: QtBot,
) -> None:
    clock = FixedClock(OPENING)
    light = SyncLight(clock)
    assert light.offline_since == OPENING
    for status in (IDLE, OFFLINE, OFFLINE):
        clock.advance(timedelta(minutes=1))
        light.take(status)
    with qtbot.waitSignal(light.changed):
        light.take(replace(OFFLINE, pending=4))
    assert light.synced_at == OPENING + timedelta(minutes=1)
    assert light.offline_since == OPENING + timedelta(minutes=2)
    assert light.error is TROUBLE
    assert light.oldest_unsent_at == OPENING
    with qtbot.waitSignal(light.changed):
        light.take(IDLE)
    assert light.offline_since is None
    assert light.verified_at is None


def test_it_passes_a_persons_hurry_on(qtbot: QtBot) -> None:
    assert qtbot is not None
    light, engine = SyncLight(FixedClock(OPENING)), Hurried()
    light.sync_now()
    light.use(engine)
    light.sync_now()
    assert engine.count == 1
    light.use(None)
    light.sync_now()
    assert engine.count == 1


def test_waits_double_up_to_the_longest_and_differ_between_devices() -> None:
    tempo = Tempo(first_wait=1.0, longest_wait=8.0, slow_wait=100.0)
    patience, other = Patience(tempo, "till 1"), Patience(tempo, "till 2")
    waits = [patience.wait_after_failure() for _ in range(6)]
    for wait, longest in zip(waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert longest / 2 <= wait <= longest
    assert waits != [other.wait_after_failure() for _ in range(6)]
    patience.forget()
    assert patience.wait_after_failure() <= 1.0
    assert 50.0 <= patience.slow_wait() <= 100.0
