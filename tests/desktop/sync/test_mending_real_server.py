"""Repair with the real server on PostgreSQL: wrong rows here, wrong sums there."""

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from desktop.diagnostics import Report
from desktop.sync.sync_status import RepairState, SyncStatus
from desktop.workbench import Workbench
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.ids import CustomerId, new_id
from shared.storage.reader import Reader
from shared.sync.confirmed import correct_kept, kept_errors
from shared.sync.recount import recount
from sync_server import feed
from sync_server.schema import SCOPE_DIGEST
from sync_server.serving import SyncServer
from tests.desktop.sync.machine import Machine
from tests.support.cable import Cable
from tests.sync_server.conftest import (
    app,
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site

__all__ = ["app", "client", "listening", "migrated_url", "served", "server_database", "site"]

CUSTOMERS = 60


@pytest.fixture
def cable(served: SyncServer, listening: socket.socket) -> Iterator[Cable]:
    assert served is not None
    with Cable(listening.getsockname()[1]) as made:
        yield made


@pytest.fixture
def machine(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    """A back office with sixty customers, in step with the server."""
    site.run(*(_customer(f"Customer {n}") for n in range(CUSTOMERS)))
    made = Machine(site, tmp_path / "machine", cable)
    made.pair(site.code())
    made.start()
    made.settle()
    yield made
    made.stop()
    made.work.close()


def _customer(name: str) -> SaveCustomer:
    return SaveCustomer(customer_id=CustomerId(new_id()), name=name)


def _names(reader: Reader) -> set[str]:
    return {row.name for row in reader.find(CustomerRow)}


def _at_server(site: Site) -> set[str]:
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return _names(Reader(connection))


def _is_mended(status: SyncStatus) -> bool:
    return (
        status.repair.state is RepairState.NOT_NEEDED
        and bool(status.repair.report)
        and not status.mismatches
    )


def _gnaw_rows(bench: Workbench) -> None:
    """Change one customer, lose another, and let the kept digests notice it."""
    replica = bench.files.replica
    with replica.begin():
        replica.exec_driver_sql("UPDATE customer SET name = 'X' WHERE name = 'Customer 7'")
        replica.exec_driver_sql("DELETE FROM customer WHERE name = 'Customer 8'")
        correct_kept(replica, kept_errors(replica))


def _report(status: SyncStatus) -> Report:
    return msgspec.json.decode(Path(status.repair.report).read_bytes(), type=Report)


def test_rows_that_were_damaged_here_come_back_while_others_are_sent(
    machine: Machine, site: Site
) -> None:
    machine.work.ask(_gnaw_rows).result()
    machine.do(_customer("New here"))
    status = machine.watcher.until(_is_mended)
    machine.settle()
    assert machine.work.fetch(_names).result() == _at_server(site)
    assert len(_at_server(site)) == CUSTOMERS + 1
    (found,) = _report(status).tables
    assert (found.changed, found.missing, found.surplus) == (1, 1, 0)
    assert found.columns == ("name",)
    assert found.theirs.row_count - found.counted.row_count == 1
    assert status.repair.replaced_rows == 2
    assert len(found.ranges) <= 2


@pytest.mark.parametrize("column", ["row_count", "digest_sum"])
def test_a_wrong_sum_on_the_server_is_put_right_and_nothing_is_fetched(
    machine: Machine, site: Site, column: str
) -> None:
    with site.server.database.tenant_session(site.tenant_id) as connection:
        kept = SCOPE_DIGEST.c[column]
        wrong = sa.update(SCOPE_DIGEST).where(SCOPE_DIGEST.c.tbl == "customer")
        connection.execute(wrong.values({column: kept + 1}))
    machine.engine.sync_now()
    seen = machine.watcher.seen
    status = machine.watcher.until(
        lambda status: not status.mismatches and any(each.mismatches for each in seen)
    )
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        assert recount(connection) == tuple(e for e in feed.digests(connection) if e.row_count)
    assert status.repair.replaced_rows == 0
    assert machine.work.fetch(_names).result() == _at_server(site)
