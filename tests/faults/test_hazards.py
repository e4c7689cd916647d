"""Hazards of other engines that no other test covers: each by what would go wrong."""

import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from desktop.replica_schema import make_replica
from shared.customers.commands import SaveCustomer
from shared.kernel.context import Station
from shared.kernel.errors import Rejected
from shared.kernel.ids import CustomerId, new_id
from shared.kernel.messages import OutcomeState
from shared.orders.commands import CancelOrder, DocState
from shared.orders.tables import OrderRow
from shared.storage.reader import Reader
from shared.sync.apply import apply_page
from shared.sync.endpoint import OTHER_EPOCH, TOO_OLD
from shared.sync.protocol.pull import PullPage
from shared.sync.rebase import Place
from shared.sync.replica import ReplicaState
from sync_server.bootstrap_files import file_name
from sync_server.jobs.bootstrap import FILES_KEPT, build
from sync_server.jobs.compaction import compact
from sync_server.objects import FolderStore
from tests.desktop.sync.conftest import running
from tests.support.loopback import Network
from tests.support.memory import memory_engine
from tests.support.world import World
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Device, Site, read

__all__ = ["app", "client", "listening", "migrated_url", "served", "server_database", "site"]
pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]

ADA = CustomerId(new_id())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def pages_from_the_start(device: Device, *, limit: int) -> list[PullPage]:
    """All pages, begun anew when the log is shortened on the way."""
    while True:
        pages = [device.pull(limit=limit)]
        told = {"filled_from": pages[0].log_from}
        while not pages[-1].is_last:
            answer = device.ask_to_pull(pages[-1].to_cursor, limit, **told)
            if answer.status_code != 200:
                assert answer.json()["code"] == TOO_OLD
                break
            pages.append(read(answer, PullPage))
        if pages[-1].is_last:
            return pages


def names_after(device: Device, pages: list[PullPage]) -> list[str]:
    """The customers of a new replica after those pages; digests must agree."""
    where = Place(tenant_id=device.tenant_id, station=Station(device_id=device.device_id))
    state = ReplicaState(device_id=device.device_id, incarnation=1)
    with memory_engine().connect() as connection:
        make_replica(connection)
        for page in pages:
            with connection.begin():
                applied = apply_page(connection, page, state=state, pending=[], place=where)
            assert applied.mismatches == ()
            state = applied.state
        found = connection.exec_driver_sql("SELECT name FROM customer ORDER BY name")
        return list(found.scalars())


def rename(site: Site, number: int) -> None:
    """One more commit that changes the same row."""
    site.run(SaveCustomer(customer_id=ADA, name=f"Ada {number:03}"))


def test_hazard_12_the_last_log_entry_is_the_row_after_concurrent_changes(site: Site) -> None:
    rename(site, 0)

    with ThreadPoolExecutor(6) as crowd:
        list(crowd.map(lambda number: rename(site, number), range(60)))

    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        now = connection.exec_driver_sql("SELECT name FROM customer").scalar_one()
        last = "SELECT image FROM change_log WHERE tbl = 'customer' ORDER BY seq DESC, ord DESC"
        image = connection.exec_driver_sql(f"{last} LIMIT 1").scalar_one()
    assert f'"name":"{now}"' in image


def test_hazard_13_a_long_log_takes_no_more_requests_than_it_has_pages(site: Site) -> None:
    device = site.device()
    site.run(*(SaveCustomer(customer_id=CustomerId(new_id()), name=str(n)) for n in range(5)))
    for number in range(60):
        site.run(SaveCustomer(customer_id=CustomerId(new_id()), name=f"C {number}"))

    pages = pages_from_the_start(device, limit=10)

    rows = sum(len(changes.puts) for page in pages for changes in page.tables)
    assert len(pages) <= rows // 5 + 1


def test_hazard_21_orders_to_fill_again_are_obeyed_ever_later_and_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    device = world.till()
    device.pull()
    network = Network(world.server)
    with running(device, network, world) as till, caplog.at_level(logging.ERROR):
        till.settle()
        network.refusals += [Rejected(OTHER_EPOCH, field="cursor", head="1.1") for _ in range(3)]
        till.engine.sync_now()
        till.watcher.until(lambda _status: not network.refusals)
        status = till.settle()

    assert status.is_filled
    assert "told to fill the replica again" in caplog.text
    world.close()


def test_hazard_29_a_sale_is_not_reopened_by_what_another_device_still_shows(
    world: World,
) -> None:
    till, office = world.till(), world.back_office()
    for device in (till, office):
        device.pull()
    shift_id = world.open_shift(till)
    receipt = world.sell(till, shift_id)
    till.sync()
    sale = Reader(world.server.connection).find(OrderRow)[0]

    with pytest.raises(Rejected):
        world.server.do(CancelOrder(order_id=sale.order_id, reason="late"))

    assert receipt.outcome.state is OutcomeState.APPLIED
    assert Reader(world.server.connection).find(OrderRow) == [sale]
    assert sale.doc_state is DocState.CLOSED
    world.close()


def test_hazard_45_pages_read_while_the_log_is_shortened_lack_nothing(site: Site) -> None:
    device = site.device()
    done = threading.Event()

    def shorten_for_ever() -> int:
        times = 0
        while not done.is_set():
            compact(site.server.owner, site.tenant, now=site.server.clock.now(), days=-1)
            times += 1
        return times

    with ThreadPoolExecutor(1) as beside:
        shortening = beside.submit(shorten_for_ever)
        try:
            for number in range(40):
                rename(site, number)
                site.run(SaveCustomer(customer_id=CustomerId(new_id()), name=f"C {number:03}"))
                if number % 5 == 4:
                    names = names_after(device, pages_from_the_start(device, limit=7))
                    assert names == sorted([f"Ada {number:03}", *_others(number)])
        finally:
            done.set()
        assert shortening.result() > 0


def _others(number: int) -> list[str]:
    return [f"C {each:03}" for each in range(number + 1)]


def test_hazard_16_a_file_made_while_people_write_is_one_commit(site: Site, tmp_path: Path) -> None:
    objects, clock = FolderStore(tmp_path), site.server.clock
    done = threading.Event()
    first = site.run(SaveCustomer(customer_id=CustomerId(new_id()), name="0"))

    def write_for_ever() -> None:
        while not done.is_set():
            site.run(SaveCustomer(customer_id=CustomerId(new_id()), name="more"))

    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write_for_ever)
        try:
            files = [
                build(
                    site.server.database,
                    objects,
                    clock,
                    tenant_id=site.tenant_id,
                    scopes=("tenant",),
                )
                for _ in range(4)
            ]
        finally:
            done.set()
        writing.result()

    for number, file in enumerate(files):
        assert file is not None
        packed = (tmp_path / file_name(file)) if number >= len(files) - FILES_KEPT else None
        if packed is not None:
            plain = tmp_path / f"{number}.db"
            plain.write_bytes(
                zstandard.ZstdDecompressor().decompressobj().decompress(packed.read_bytes())
            )
            with closing(sqlite3.connect(plain)) as opened:
                count = opened.execute("SELECT count(*) FROM customer").fetchone()[0]
            assert count == int(file.cursor.partition(".")[2]) - first + 1
