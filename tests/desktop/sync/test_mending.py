"""Rows that differ from the server's are found, replaced and told of, while people keep working."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from desktop.breath import Breath
from desktop.diagnostics import REPORTS_KEPT, CommandNamed, Report, keep
from desktop.sync.mending import MOST_ATTEMPTS, RECOUNT_EVERY, RECOUNTED_AT
from desktop.sync.sync_status import RepairState, SyncStatus
from desktop.work import open_work
from desktop.workbench import Workbench
from shared.catalog.tables import VariantRow
from shared.kernel.errors import Unavailable
from shared.storage.types import time_to_text
from shared.sync.confirmed import correct_kept, kept_errors
from shared.sync.repair import count_place
from tests.desktop.sync.conftest import Running, running
from tests.support.loopback import Network
from tests.support.world import OPENING, World
from tests.support.world_device import DeviceInWorld

GNAW = "UPDATE variant SET price_amount = 1 WHERE sku = 'MUG'"
GNAW_DIGEST = "UPDATE digest SET digest_sum = digest_sum + 1 WHERE tbl = 'variant'"


def damage(device: DeviceInWorld, *statements: str, is_noticed: bool = True) -> None:
    """Change a replica behind its back; noticed damage shows in the next comparison of digests."""
    with device.files.replica.begin():
        for statement in statements:
            device.files.replica.exec_driver_sql(statement)
        if is_noticed:
            correct_kept(device.files.replica, kept_errors(device.files.replica))


def is_mended(status: SyncStatus) -> bool:
    """Whether something was replaced and both sides agree."""
    is_repaired = status.repair.state is RepairState.NOT_NEEDED
    return status.repair.replaced_rows > 0 and is_repaired and not status.mismatches


@pytest.fixture
def damaged(world: World) -> DeviceInWorld:
    """A till with a sale not sent yet, whose copy of a price is wrong."""
    till = world.till()
    world.sell(till, world.open_shift(till))
    damage(till, GNAW)
    return till


@pytest.fixture
def mended(damaged: DeviceInWorld, network: Network, world: World) -> Iterator[Running]:
    """The damaged till after its engine has had its time."""
    with running(damaged, network, world) as made:
        made.watcher.until(is_mended)
        made.settle()
        yield made


def report_of(status: SyncStatus) -> Report:
    """The report that a status names."""
    return msgspec.json.decode(Path(status.repair.report).read_bytes(), type=Report)


def test_a_row_that_differs_is_fetched_again_and_both_sides_agree(mended: Running) -> None:
    status = mended.settle()
    assert status.mismatches == ()
    assert status.verified_at is not None
    prices = mended.work.fetch(lambda reader: reader.find(VariantRow)).result()
    assert {row.price_amount for row in prices} == {1000}


def test_only_the_range_that_differs_is_fetched(mended: Running, network: Network) -> None:
    _request, reply = network.verified[0]
    (fetched,) = reply.rows
    # By chance the other of the two variants falls into the same range.
    assert len(fetched.puts) in {1, 2}
    assert mended.watcher.seen[-1].repair.replaced_rows == 1


def test_people_hear_that_a_repair_is_under_way_and_when_it_is_over(mended: Running) -> None:
    states = [status.repair.state for status in mended.watcher.seen]
    assert RepairState.UNDER_WAY in states
    assert RepairState.FAILED not in states
    assert states[-1] is RepairState.NOT_NEEDED


def test_sales_go_on_during_a_repair_and_none_is_lost(
    damaged: DeviceInWorld, network: Network, world: World
) -> None:
    shift_id = world.shift_of(damaged)
    with running(damaged, network, world) as at_work:
        for _ in range(20):
            at_work.work.submit(world.sale(shift_id), actor_id=world.cashier_id).result()
        at_work.watcher.until(is_mended)
        at_work.settle()
    damaged.check()
    damaged.check_same_as_server()
    assert len(world.server.runs) == 22


def test_the_report_names_columns_and_commands_and_says_nothing_personal(
    mended: Running, world: World
) -> None:
    report = report_of(mended.watcher.seen[-1])
    (found,) = report.tables
    assert (found.table, found.scope, found.columns) == ("variant", "tenant", ("price_amount",))
    assert (found.changed, found.missing, found.surplus) == (1, 0, 0)
    assert [each.name for each in report.last_commands] == ["open_shift", "complete_sale"]
    text = Path(mended.watcher.seen[-1].repair.report).read_text()
    for secret in ("Mug", "MUG", "Carl", "Corner Store", *world.variants, world.cashier_id):
        assert secret not in text
    assert len(json.loads(text)["tables"][0]["ranges"]) == 1


def test_only_the_newest_reports_stay(tmp_path: Path) -> None:
    report = Report(
        made_at=OPENING,
        release="1",
        device_id="d",
        cursor="1.1",
        attempt=1,
        tables=(),
        last_commands=(CommandNamed(seq=1, name="open_shift"),),
    )
    paths = [
        keep(tmp_path / "diagnostics", replace(report, made_at=OPENING + timedelta(hours=n)))
        for n in range(REPORTS_KEPT + 3)
    ]
    assert [path for path in paths if path is not None and path.exists()] == paths[3:]


def test_a_folder_that_cannot_be_written_stops_no_repair(tmp_path: Path) -> None:
    (tmp_path / "diagnostics").write_text("in the way")
    report = Report(
        made_at=OPENING,
        release="1",
        device_id="d",
        cursor="1.1",
        attempt=1,
        tables=(),
        last_commands=(),
    )
    assert keep(tmp_path / "diagnostics", report) is None


def test_a_wrong_digest_over_right_rows_is_put_right_without_fetching(
    world: World, network: Network
) -> None:
    till = world.till()
    damage(till, GNAW_DIGEST, is_noticed=False)
    with running(till, network, world) as at_work:
        status = at_work.watcher.until(_has_report)
        assert status.repair.replaced_rows == 0
        at_work.watcher.until(_agrees)
    assert [reply.rows for _request, reply in network.verified] == [()]
    till.check()


def _has_report(status: SyncStatus) -> bool:
    return bool(status.repair.report)


def _agrees(status: SyncStatus) -> bool:
    return not status.mismatches and status.repair.state is RepairState.NOT_NEEDED


def test_a_server_that_is_busy_is_asked_again(
    damaged: DeviceInWorld, network: Network, world: World
) -> None:
    network.busy_verifies = 3
    with running(damaged, network, world) as at_work:
        at_work.watcher.until(is_mended)
    assert network.busy_verifies == 0


def test_a_difference_that_no_repair_ends_is_told_and_work_goes_on(
    damaged: DeviceInWorld, network: Network, *, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    network.does_lie = True
    with running(damaged, network, world) as at_work:
        at_work.watcher.until(lambda status: status.repair.state is RepairState.FAILED)
        assert len(network.verified) == MOST_ATTEMPTS
        assert "rows still differ from the server's after 3 repairs" in caplog.text
        shift_id = world.shift_of(damaged)
        at_work.work.submit(world.sale(shift_id), actor_id=world.cashier_id).result()
        status = at_work.settle()
        assert status.repair.state is RepairState.FAILED
        assert len(network.verified) == MOST_ATTEMPTS
        network.does_lie = False
        world.clock.advance(RECOUNT_EVERY)
        with network.server() as server:
            server.do(world.price_change(1100, of=1))
        at_work.watcher.until(is_mended)


# -- the daily count ---------------------------------------------------------------------------


def _recounted_at(at_work: Running) -> str | None:
    return at_work.work.ask(lambda bench: bench.note(RECOUNTED_AT)).result()


def test_what_a_disk_changes_silently_is_found_by_the_daily_count(
    world: World, network: Network
) -> None:
    till = world.till()
    damage(till, GNAW, is_noticed=False)
    with till.bench.journal.writing():
        till.bench.journal.set_note(RECOUNTED_AT, time_to_text(OPENING - RECOUNT_EVERY))
    with running(till, network, world) as at_work:
        at_work.watcher.until(is_mended)
        assert _recounted_at(at_work) == time_to_text(world.clock.now())
    till.check()


def test_rows_are_counted_once_a_day_by_the_servers_clock(world: World, network: Network) -> None:
    till = world.till()
    damage(till, GNAW, is_noticed=False)
    with running(till, network, world) as at_work:
        at_work.settle()
        for hours in (1, 22):
            world.clock.advance(timedelta(hours=hours))
            with network.server() as server:
                server.do(world.price_change(1100 + hours, of=1))
            at_work.settle()
        assert _recounted_at(at_work) == time_to_text(OPENING)
        assert network.verified == []
        world.clock.advance(timedelta(hours=1))
        with network.server() as server:
            server.do(world.price_change(1300, of=1))
        at_work.watcher.until(is_mended)
        assert _recounted_at(at_work) == time_to_text(OPENING + timedelta(hours=24))


@pytest.mark.parametrize("is_found_by", ["daily count", "page"])
def test_a_copy_that_the_disk_has_damaged_is_filled_anew_beside_it(
    world: World, network: Network, *, is_found_by: str, caplog: pytest.LogCaptureFixture
) -> None:
    till = world.till()
    world.sell(till, world.open_shift(till))
    is_due = is_found_by == "daily count"
    with till.bench.journal.writing():
        last = OPENING - RECOUNT_EVERY if is_due else OPENING
        till.bench.journal.set_note(RECOUNTED_AT, time_to_text(last))
    gnaw_page_of(till, "product")
    with running(till, network, world) as at_work:
        if not is_due:
            with network.server() as server:
                assert server is world.server
                world.product("Bowl")
        at_work.watcher.until(
            lambda status: status.is_filled and "replica is filled again" in caplog.text
        )
        at_work.settle()
    assert "another one is filled beside it" in caplog.text
    till.check()
    till.check_same_as_server()
    assert len(world.server.runs) == 2


def gnaw_page_of(device: DeviceInWorld, table: str) -> None:
    """Change one byte in the file where a table begins; the device opens it all the same."""
    find = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
    with device.files.replica.begin():
        page = device.files.replica.exec_driver_sql(find, (table,)).scalar_one()
    device.stop()
    content = bytearray(device.profile.replica.read_bytes())
    content[(page - 1) * 4096 + 2000] ^= 1
    device.profile.replica.write_bytes(content)
    device.start()


def test_a_look_that_is_under_way_does_not_hold_up_the_end(world: World) -> None:
    till = world.till()
    till.stop()
    work = open_work(till.profile, till.keys, clock=world.clock, listener=till.heard)
    begun = threading.Event()

    def look(_replica: sa.Connection, breath: Breath) -> None:
        begun.set()
        while True:
            breath()

    answers = [work.look(look), work.look(look)]
    begun.wait()
    work.close()
    for answer in answers:
        with pytest.raises(Unavailable, match="closing"):
            answer.result()
    till.start()


def test_a_look_gives_way_when_the_replica_is_changed_over(world: World) -> None:
    till = world.till()
    till.stop()
    work = open_work(till.profile, till.keys, clock=world.clock, listener=till.heard)
    begun = threading.Event()

    def look(_replica: sa.Connection, breath: Breath) -> None:
        begun.set()
        while True:
            breath()

    answer = work.look(look)
    begun.wait()
    work.ask(_shut_readers_out).result()
    with pytest.raises(Unavailable, match="closing"):
        answer.result()
    counted = work.look(lambda replica, _breath: count_place(replica, ("tenant", "variant")))
    assert counted.result().total[0] == 2
    work.close()
    till.start()


def _shut_readers_out(bench: Workbench) -> None:
    with bench.nobody_reads():
        pass
