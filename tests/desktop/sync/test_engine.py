"""The engine keeps a device in step by itself, whatever the network does."""

import time
from dataclasses import replace

import pytest

from desktop.sync.engine import Engine
from desktop.sync.sync_status import SyncStatus
from shared.catalog.tables import VariantRow
from shared.kernel.errors import Rejected, Unavailable
from shared.storage.reader import Reader
from shared.sync.cursor import Cursor
from shared.sync.endpoint import OTHER_EPOCH
from shared.sync.state import SyncState
from tests.desktop.sync.conftest import Running, running
from tests.support.loopback import LoopbackEndpoint, Network
from tests.support.world import PRICE, World


def _price(reader: Reader, variant_id: str) -> int:
    return reader.require(VariantRow, variant_id).price_amount


def _sell(world: World, till: Running, count: int = 1) -> None:
    for _ in range(count):
        sale = world.sale(world.shift_of(till.device))
        till.work.submit(sale, actor_id=world.cashier_id).result()


def test_a_sale_reaches_the_server_without_being_asked(
    till: Running, world: World, network: Network
) -> None:
    _sell(world, till)
    status = till.settle()
    with network.server() as server:
        assert len(server.runs) == 2
    assert status.verified_at == world.clock.now()
    assert status.is_online
    assert status.error is None


def test_a_change_of_others_arrives_by_a_nudge(
    till: Running, world: World, network: Network
) -> None:
    with network.server() as server:
        server.do(world.price_change(1700))
        head = server.head
    till.watcher.until(lambda status: status.cursor == head)
    assert till.work.fetch(_price, world.variants[0]).result() == 1700


def test_two_devices_see_each_others_work(till: Running, world: World, network: Network) -> None:
    with running(world.back_office(), network, world) as office:
        change = world.price_change(1900)
        office.work.submit(change, actor_id=world.owner_id).result()
        office.settle()
        with network.server() as server:
            head = server.head
        till.watcher.until(lambda status: status.cursor == head)
        assert till.work.fetch(_price, world.variants[0]).result() == 1900


def test_a_cut_cable_shows_and_all_is_sent_when_it_is_mended(
    till: Running, world: World, network: Network
) -> None:
    network.cut()
    _sell(world, till, 5)
    status = till.watcher.until(lambda status: status.pending == 5 and not status.is_online)
    assert status.oldest_at is not None
    status = till.watcher.until(lambda status: status.state is SyncState.OFFLINE)
    assert status.error is not None
    assert status.error.code == "server_unreachable"
    network.mend()
    status = till.settle()
    assert status.error is None
    with network.server() as server:
        assert set(server.runs.values()) == {1}
        assert len(server.runs) == 6


def test_lost_answers_double_nothing(till: Running, world: World, network: Network) -> None:
    network.answers_to_lose = 3
    _sell(world, till, 3)
    till.settle()
    assert network.answers_to_lose == 0
    with network.server() as server:
        assert set(server.runs.values()) == {1}
        assert len(server.runs) == 4


def test_a_push_that_is_too_large_is_cut_in_half(
    till: Running, world: World, network: Network
) -> None:
    till.engine.pause()
    till.watcher.until(lambda status: status.state is SyncState.PAUSED)
    _sell(world, till, 8)
    network.pushes.clear()
    network.refusals = [Rejected("push_too_large", limit=1)]
    till.engine.resume()
    till.settle()
    assert network.pushes == [8, 4, 4]


def test_a_pull_comes_between_two_pushes(till: Running, world: World, network: Network) -> None:
    till.engine.pause()
    till.watcher.until(lambda status: status.state is SyncState.PAUSED)
    _sell(world, till, 3)
    with network.server() as server:
        server.do(world.price_change(1800))
    till.engine.resume()
    till.settle()
    assert till.work.fetch(_price, world.variants[0]).result() == 1800


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (Rejected("device_revoked", device="Till 1"), SyncState.REVOKED),
        (Unavailable("device_forked"), SyncState.FORKED),
        (Rejected("clock_off", server_time="later"), SyncState.REFUSED),
        (Unavailable("database_unavailable"), SyncState.OFFLINE),
    ],
)
def test_a_refusal_is_shown_costs_no_command_and_is_tried_again(
    till: Running, world: World, *, network: Network, refusal: Rejected, state: SyncState
) -> None:
    network.refusals = [refusal]
    _sell(world, till)
    till.settle()
    troubled = [status for status in till.watcher.seen if status.state is state]
    assert troubled
    assert troubled[0].error is refusal
    assert troubled[0].pending == 1
    with network.server() as server:
        assert len(server.runs) == 2


def test_a_server_put_back_is_followed_and_gets_back_what_it_forgot(
    till: Running, world: World, network: Network
) -> None:
    with network.server() as server:
        backup = server.back_up()
    _sell(world, till, 2)
    till.settle()
    with network.server() as server:
        server.put_back(backup)
    assert till.settle().cursor.epoch == 2
    with network.server() as server:
        assert len(server.runs) == 3
        assert set(server.runs.values()) == {1}


def test_a_device_fills_itself_and_says_how_far_it_is(world: World, network: Network) -> None:
    for number in range(40):
        world.product(f"Cup {number}", on_hand_qty=1)
    device = world.back_office(is_filled=False)
    with running(device, network, world) as office:
        status = office.settle()
    assert status.is_filled
    assert status.fill_percent == 100
    counted = [status.filled_rows for status in office.watcher.seen if not status.is_filled]
    assert max(counted, default=0) <= 400
    device.check_same_as_server()


def test_a_pause_holds_everything_back_until_it_ends(
    till: Running, world: World, network: Network
) -> None:
    till.engine.pause()
    till.watcher.until(lambda status: status.state is SyncState.PAUSED)
    _sell(world, till)
    with network.server() as server:
        server.do(world.price_change(1234))
    till.watcher.until(lambda status: status.pending == 1)
    assert till.work.fetch(_price, world.variants[0]).result() == PRICE
    till.engine.resume()
    till.settle()
    assert till.work.fetch(_price, world.variants[0]).result() == 1234


def test_sync_now_ends_the_wait_after_a_failure(world: World, network: Network) -> None:
    device = world.till()
    network.cut()
    with running(device, network, world) as till:
        till.watcher.until(lambda status: status.state is SyncState.OFFLINE)
        network.mend()
        till.engine.sync_now()
        till.settle()
    assert till.watcher.seen[-1].state is SyncState.STOPPED


def test_it_stops_within_a_second_whatever_it_is_doing(
    till: Running, world: World, network: Network
) -> None:
    _sell(world, till, 3)
    network.cut()
    began = time.monotonic()
    till.engine.stop()
    assert time.monotonic() - began < 1.0
    assert till.engine.status.state is SyncState.STOPPED
    till.engine.stop()
    till.engine.sync_now()
    network.mend()
    till.engine.start()
    till.settle()


def test_a_crash_of_ours_is_shown_and_tried_again(
    till: Running, world: World, network: Network
) -> None:
    network.crashes = [ZeroDivisionError("a mistake of ours")]
    _sell(world, till)
    till.settle()
    codes = {status.error.code for status in till.watcher.seen if status.error is not None}
    assert codes == {"sync_crashed"}


def test_a_disk_in_the_way_of_starting_over_does_not_end_the_exchange(
    till: Running, world: World, network: Network
) -> None:
    till.settle()
    in_the_way = till.device.profile.next_replica
    in_the_way.mkdir()
    network.refusals = [Rejected(OTHER_EPOCH, field="cursor", head="2.1")]
    _sell(world, till)
    till.watcher.until(lambda status: status.error is not None)
    in_the_way.rmdir()
    till.settle()
    with network.server() as server:
        assert len(server.runs) == 2


def test_a_device_with_nothing_to_send_shows_that_it_was_shut_out(
    till: Running, network: Network
) -> None:
    till.settle()
    revoked = Rejected("device_revoked", device="Till 1")
    network.refusals = [revoked]
    network.cut()
    till.watcher.until(lambda status: status.state is SyncState.OFFLINE and not status.is_online)
    network.mend()
    status = till.watcher.until(lambda status: status.state is SyncState.REVOKED)
    assert status.error is revoked


def test_an_idle_device_says_nothing(till: Running, network: Network) -> None:
    till.settle()
    before = (len(network.pushes), network.pulls)
    till.work.save_draft("cart", b"nothing to send").result()
    till.work.fetch(lambda reader: len(reader.find(VariantRow))).result()
    assert (len(network.pushes), network.pulls) == before


def test_lag_and_percent_come_from_both_cursors() -> None:
    status = SyncStatus(cursor=Cursor(1, 30), head=Cursor(1, 120))
    assert (status.lag, status.fill_percent) == (90, 25)
    assert replace(status, is_filled=True).fill_percent == 100
    assert replace(status, head=Cursor(2, 5)).lag == 5
    assert SyncStatus().fill_percent == 0


def test_an_engine_that_never_ran_takes_orders_and_does_nothing(
    till: Running, network: Network
) -> None:
    idle = Engine(
        till.work,
        lambda: LoopbackEndpoint(network, "nobody"),
        on_status=till.watcher.take,
    )
    for order in (idle.stop, idle.sync_now, idle.pause, idle.resume, idle.journal_grew):
        order()
    assert idle.status == SyncStatus()
