"""Devices and synchronisation: how this device stands, which others there are, and shutting out."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QAbstractButton

from desktop.sync.sync_status import Progress, Speed, StoreShare
from desktop.workspaces.merchant.places import Screen
from shared.kernel.errors import Unavailable
from shared.organization.queries import devices
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.desktop.workspaces.merchant.test_orders import facts


def test_what_is_not_sent_yet_and_since_when_is_shown(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        now = at.device.clock.now()
        at.sync.unsent_count, at.sync.oldest_unsent_at = 12, now - timedelta(hours=3)
        at.sync.verified_at = now - timedelta(minutes=5)
        at.sync.synced_at = now - timedelta(minutes=1)
        await at.go(Screen.SYNC)
        said = at.says()
        assert "Not yet sent: 12" in said
        assert "3 hours ago" in said
        assert "Agreement: Proved" in said
        assert "5 minutes ago" in said
        assert "Place in the feed: 1.4711" in facts(at)
        assert "Last exchange: Nov 23, 2026 9:59" in facts(at)

    office.run(story)


def test_an_error_is_said_in_words_until_it_is_over(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        quiet = at.says()
        at.sync.error = Unavailable("server_unreachable")
        at.sync.is_online = False
        at.sync.tell()
        await at.settle()
        assert "Server: Offline" in at.says()
        assert len(at.says()) > len(quiet)
        at.sync.error, at.sync.is_online = None, True
        at.sync.tell()
        await at.settle()
        assert at.says() == quiet

    office.run(story)


def test_tables_that_differ_are_not_hidden(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        at.sync.mismatch_count = 2
        await at.go(Screen.SYNC)
        assert "Agreement: Differs" in at.says()
        assert "Tables being repaired: 2" in at.says()

    office.run(story)


def test_a_repair_that_does_not_help_says_what_to_do_and_where_the_report_is(
    office: OfficeMaker,
) -> None:
    async def story(at: BackOffice) -> None:
        at.sync.mismatch_count = 1
        await at.go(Screen.SYNC)
        assert "Keep working" not in at.says()
        at.sync.has_repair_failed, at.sync.repair_report = True, "/profile/diagnostics/report.json"
        at.sync.tell()
        await at.settle()
        assert "Not the same as on the server" in at.window.frame.strip.words()
        assert "Could not be repaired: 1" in at.says()
        assert "Keep working: nothing is lost" in at.says()
        assert "Report: /profile/diagnostics/report.json" in facts(at)
        at.sync.mismatch_count, at.sync.has_repair_failed = 0, False
        at.sync.verified_at = at.device.clock.now()
        at.sync.tell()
        await at.settle()
        assert "Agreement: Proved" in at.says()
        assert "Keep working" not in at.says()

    office.run(story)


def test_the_speed_of_an_exchange_is_told(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        speed = Speed(commands_per_s=3.0, rows_per_s=1_250.0, bytes_per_s=48_000, is_current=True)
        at.sync.is_busy, at.sync.progress = True, Progress(lag=90, speed=speed)
        await at.go(Screen.SYNC)
        assert "Speed: 1,250 records/s" in at.says()
        assert "3.0 sent/s · 48 KB/s · now" in at.says()
        assert "Still to come: 90" in at.says()

    office.run(story)


def test_an_exchange_begins_by_key_unless_one_is_under_way(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        await at.press("Ctrl+R")
        assert at.sync.asked == 1
        at.sync.is_busy = True
        at.sync.tell()
        await at.press("Ctrl+R")
        assert at.sync.asked == 1
        assert not at.find(QAbstractButton, "Sync now").isEnabled()

    office.run(story)


def test_a_device_is_shut_out_once_it_is_confirmed(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        place = at.column("Device", "Devices").index("Packing table")
        at.table("Devices").setFocus()
        await at.press("Home", *["Down"] * place, "Ctrl+Shift+X")
        assert at.sheet().accessibleName() == "Shut Packing table out?"
        await at.press("Esc")
        assert all(row.revoked_at is None for row in await at.fetch(devices))
        await at.press("Ctrl+Shift+X")
        await at.click("Shut out")
        gone = [row.name for row in await at.fetch(devices) if row.revoked_at is not None]
        assert gone == ["Packing table"]
        assert at.column("Status", "Devices")[place] == "Shut out"

    office.run(story)


def test_this_device_cannot_shut_itself_out(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        place = at.column("Status", "Devices").index("This one")
        at.table("Devices").setFocus()
        await at.press("Home", *["Down"] * place)
        assert not at.find(QAbstractButton, "Shut out").isEnabled()

    office.run(story)


def test_sharing_within_the_store_is_said_in_words(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.SYNC)
        assert "Shared with: Off" in facts(at)
        at.sync.store = StoreShare(is_on=True)
        at.sync.tell()
        assert "Shared with: No other device is in reach" in facts(at)
        assert "Copies: Nothing is unsent" in facts(at)
        at.sync.store = StoreShare(
            is_on=True, neighbours=("Till 2", "Packing table"), unsent=5, uncopied=2, kept=1
        )
        at.sync.tell()
        assert "Shared with: Till 2, Packing table" in facts(at)
        assert "Copies: 2 unsent entries lie on this machine only" in facts(at)
        assert "For others: Keeps 1 unsent entry of other machines" in facts(at)
        at.sync.store = replace(at.sync.store, uncopied=0)
        at.sync.tell()
        assert "Copies: All that is unsent is copied to another machine" in facts(at)

    office.run(story)
