"""Cases and the server's page at the station: by keys and scanner alone, and the parcel waits."""

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from desktop.sync.sync_status import Progress, Speed
from desktop.ui.card import StatTile
from desktop.ui.scrolled import Scrolled
from desktop.ui.sounds import Tone as Sound
from desktop.workspaces.cases.rows import FloorCase
from shared.inbox.commands import Resolution
from shared.inbox.queries import open_cases, settled_cases
from shared.kernel.errors import Unavailable
from tests.desktop.workspaces.fulfillment.table import Station, Table
from tests.desktop.workspaces.fulfillment.test_station_story import MUG, TEA, Orders
from tests.desktop.workspaces.fulfillment.test_station_window import nameless

Key = Qt.Key


async def two_short(at: Table) -> None:
    """Pia finds neither enough mugs nor any tea for W-1."""
    await at.sign_in()
    await at.scan("W-1", "PC:SHORT", "PC:CONFIRM", "PC:SHORT", "PC:CONFIRM")


def shown(at: Table) -> str:
    """What is said of the case in front."""
    return at.window.cases.panel.text()


def test_a_picker_sees_what_is_missing_here_and_who_settles_it(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        assert at.window.strip.words()[-1] == "Nothing to settle"
        await at.key(Key.Key_F11)
        await two_short(at)
        assert at.window.strip.words()[-1] == "To settle  2"
        await at.key(Key.Key_F7)
        assert at.page is at.window.cases
        assert "Look once more on and around the shelf" in shown(at)
        assert "The back office settles this" in shown(at)
        assert not at.window.cases.can_settle
        for key in (Key.Key_F3, Key.Key_F4, Key.Key_F5, Key.Key_F8):
            await at.key(key)
        assert len(at.opened.desk.doors.fetch(open_cases).result()) == 2

    station.play(story)


def test_the_parcel_lies_where_it_was_when_one_comes_back(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        await at.scan("W-1", MUG)
        for key in (Key.Key_F7, Key.Key_F9):
            await at.key(key)
            assert not at.is_at_parcel
            await at.key(Key.Key_Escape)
            assert at.is_at_parcel
            await at.key(key)
            await at.key(key)
            assert at.is_at_parcel, "its own key goes back too"
        before = at.counts()
        await at.scan(MUG)
        assert at.counts() != before
        await at.key(Key.Key_Escape)
        await at.key(Key.Key_F7)
        await at.scan("PC:BACK")
        assert at.is_at_queue

    station.play(story)


def test_the_scanner_walks_through_cases_and_counts_no_goods_there(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await two_short(at)
        await at.key(Key.Key_F7)
        first = shown(at)
        await at.scan("PC:NEXT")
        assert shown(at) != first
        at.ear.heard.clear()
        await at.scan(TEA)
        assert at.ear.heard == [Sound.REFUSE]
        assert at.page is at.window.cases
        row = at.window.cases.table.current()
        assert isinstance(row, FloorCase)
        assert row.command == "Report missing units"

    station.play(story)


def test_whoever_may_settles_by_keys_alone(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await two_short(at)
        await at.key(Key.Key_F11)
        await at.sign_in("Olga")
        await at.key(Key.Key_F7)
        assert "You can settle this." in shown(at)
        await at.key(Key.Key_F8)
        assert "Owner: Olga" in shown(at)
        await at.key(Key.Key_F4)
        await at.key(Key.Key_F5)
        await at.type("Found behind the shelf")
        settled = at.opened.desk.doors.fetch(settled_cases).result()
        assert {case.resolution for case in settled} == {
            Resolution.ACCEPTED,
            Resolution.REVERSED,
        }
        assert "Found behind the shelf" in {case.note for case in settled}
        assert at.opened.desk.doors.fetch(open_cases).result() == ()
        assert at.window.strip.words()[-1] == "Nothing to settle"

    station.play(story)


def test_the_servers_page_says_the_same_as_everywhere(station: Station) -> None:
    async def story(at: Table) -> None:
        await at.sign_in()
        at.server.verified_at = at.opened.desk.clock.now() - timedelta(minutes=3)
        at.server.progress = Progress(speed=Speed(rows_per_s=7.25, bytes_per_s=1_500))
        at.server.tell()
        await at.key(Key.Key_F9)
        assert at.page is at.window.sync_page
        page = at.window.sync_page
        said = [tile.accessibleName() for tile in page.findChildren(StatTile)]
        assert "Server: Connected" in said
        assert "Speed: 7.2 records/s" in said
        assert "1.5 KB/s · last time" in [label.text() for label in page.findChildren(QLabel)]
        await at.key(Key.Key_F5)
        assert at.server.asked == 1
        at.server.mismatch_count, at.server.has_repair_failed = 1, True
        at.server.tell()
        assert at.window.strip.words()[-1] == "Not the same as on the server"
        await at.scan("PC:BACK")
        assert at.is_at_queue

    station.play(story)


def test_what_there_is_no_room_for_is_reached_by_keys(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await at.sign_in()
        at.server.mismatch_count, at.server.has_repair_failed = 1, True
        at.server.error = Unavailable("server_unreachable")
        at.server.go_offline(at.opened.desk.clock.now())
        await at.key(Key.Key_F9)
        figures = at.window.sync_page.findChildren(Scrolled)[0].verticalScrollBar()
        await at.key(Key.Key_PageDown)
        assert figures.value() > 0
        await at.key(Key.Key_PageUp)
        assert figures.value() == 0

    station.play(story)


def test_both_pages_have_names_and_the_focus_is_never_lost(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await two_short(at)
        for key in (Key.Key_F7, Key.Key_F9):
            await at.key(key)
            assert nameless(at.window) == []
            assert QApplication.focusWidget() is not None
            await at.key(Key.Key_Escape)
            assert QApplication.focusWidget() is not None

    station.play(story)


def test_nobody_looks_into_cases_while_the_station_is_locked(station: Station) -> None:
    Orders(station)

    async def story(at: Table) -> None:
        await two_short(at)
        await at.key(Key.Key_F7)
        at.gate.lock()
        await at.rest()
        assert at.page is at.window.sign_in
        await at.key(Key.Key_F7)
        assert at.page is at.window.sign_in

    station.play(story)
