"""The server's page at the till: how it stands, how fast it goes, what failed, and the alarm."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.sync.sync_status import Progress, Speed, StoreShare
from desktop.ui import theme
from desktop.ui.card import StatTile
from desktop.ui.theme import Tone
from desktop.workspaces.sync.rows import Notice
from desktop.workspaces.sync.view import NoticeCard, SyncView
from shared.kernel.errors import Rejected, Unavailable
from tests.desktop.workspaces.kiosk.at_counter import (
    AtWindow,
    CounterMaker,
    button_in,
    tap,
)
from tests.desktop.workspaces.kiosk.staffed import Staffed, words_on
from tests.desktop.workspaces.kiosk.test_window import _nameless as nameless
from tests.support.qt_loop import UiLoop

CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


@pytest.fixture
def staffed(counter: CounterMaker) -> Staffed:
    return Staffed(counter)


async def server_page(at: AtWindow) -> SyncView:
    """Open the server's page by its key."""
    at.server.tell()
    at.press(Key.Key_7, CTRL)
    await at.ui.settle()
    view = at.window.current_screen()
    assert isinstance(view, SyncView)
    return view


def tiles(view: SyncView) -> list[str]:
    """The figures with their names."""
    return [tile.accessibleName() for tile in view.findChildren(StatTile)]


def notices(view: SyncView) -> list[str]:
    """What is said above the figures."""
    cards = view.findChildren(NoticeCard)
    return [card.accessibleName() for card in cards if card.isVisibleTo(view)]


def test_while_all_is_well_one_sentence_says_so(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.server.verified_at = at.device.clock.now() - timedelta(minutes=3)
        view = await server_page(at)
        (said_first,) = notices(view)
        assert said_first.startswith("All is well. Everything you do here is sent at once")
        said = tiles(view)
        assert "Not yet sent: 0" in said
        assert "Still to come: 0" in said
        assert "Agreement: Proved" in said
        assert "Speed: –" in said
        at.server.progress = Progress(unsent_blobs=2)
        at.server.tell()
        assert "2 files are to follow" in words_on(view)

    staffed.counter.show(story)


def test_a_long_exchange_says_how_fast_it_goes_and_how_long_it_takes(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.server.is_busy, at.server.unsent_count = True, 1_234
        speed = Speed(commands_per_s=4.25, bytes_per_s=23_400, is_current=True, seconds_left=312)
        at.server.progress = Progress(lag=4_200, speed=speed)
        view = await server_page(at)
        assert "Speed: 4.2 sent/s" in tiles(view)
        assert "Still to come: 4,200" in tiles(view)
        assert "Exchanging, 5 minutes left" in words_on(view)
        assert "23 KB/s · now" in words_on(view)
        assert notices(view)[0].startswith("Catching up.")
        assert not view.can_sync
        at.server.is_busy = False
        at.server.progress = Progress(speed=Speed(rows_per_s=850.0, bytes_per_s=23_400))
        at.server.tell()
        assert "Speed: 850 records/s" in tiles(view)
        assert "23 KB/s · last time" in words_on(view)
        at.press(Key.Key_F5)
        assert at.server.asked == 1

    staffed.counter.show(story)


def test_what_failed_and_what_to_do_is_said_in_words(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.server.error = Unavailable("server_unreachable")
        at.server.go_offline(at.device.clock.now() - timedelta(hours=2), unsent_count=3)
        view = await server_page(at)
        (said,) = notices(view)
        assert "The server cannot be reached. Go on working" in said
        assert "Still to come: –" in tiles(view)
        assert "Not known without the server" in words_on(view)
        at.server.error, at.server.is_online = Rejected("device_revoked", device="Till"), True
        at.server.needs_person = True
        at.server.tell()
        (said,) = notices(view)
        assert said.startswith("This device needs help.")

    staffed.counter.show(story)


def test_the_words_of_a_notice_follow_its_ground(ui: UiLoop) -> None:
    card = NoticeCard()
    ui.show(card)
    card.show_notice(Notice("All is well", "Go on.", Tone.ACCENT))
    calm = [label.palette().windowText().color() for label in card.findChildren(QLabel)]
    card.show_notice(Notice("Not the same", "Keep working.", Tone.DANGER))
    grave = {label.palette().windowText().color().name() for label in card.findChildren(QLabel)}
    assert grave == {theme.tone_colours(Tone.DANGER).text}
    assert all(colour.name() not in grave for colour in calm)


def test_both_sides_that_differ_raise_an_alarm_at_the_till(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.server.mismatch_count = 2
        view = await server_page(at)
        assert "Some lists differ from the server's" in at.window.strip.words()
        at.server.has_repair_failed, at.server.repair_report = True, "/profile/report.json"
        at.server.tell()
        assert "Not the same as on the server" in at.window.strip.words()
        assert "Keep working: nothing is lost" in notices(view)[0]
        assert "/profile/report.json" in words_on(view).replace("\u200b", "")
        at.press(Key.Key_Escape)
        await at.ui.settle()
        tap(button_in(at.window.strip, "Not the same"))
        await at.ui.settle()
        assert at.screen() == "SyncView"

    staffed.counter.show(story)


def test_the_page_says_who_shares_and_where_unsent_work_lies(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.selling(at, staffed.anna, "2468")
        at.server.store = StoreShare(is_on=True, neighbours=("Till 2",), unsent=3, uncopied=1)
        said = words_on(await server_page(at))
        assert "Till 2" in said
        assert "1 unsent entry lies on this machine only" in said

    staffed.counter.show(story)


def test_every_control_has_a_name_and_the_window_stays_small(staffed: Staffed) -> None:
    async def story(at: AtWindow) -> None:
        await staffed.oversold(at)
        at.server.mismatch_count, at.server.has_repair_failed = 2, True
        at.server.error = Unavailable("server_unreachable")
        at.server.go_offline(at.device.clock.now() - timedelta(days=40), unsent_count=1_234)
        for name in ("cases", "sync"):
            at.window.open_screen(name)
            await at.ui.settle()
            assert nameless(at.window) == []
        assert at.window.minimumSizeHint().height() <= 720
        assert at.window.minimumSizeHint().width() <= 1280

    staffed.counter.show(story)
