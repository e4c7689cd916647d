"""The change feed under many writers: commit order is cursor order, and no reader skips a row."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from shared.customers.tables import CustomerRow
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.ids import TenantId
from shared.storage.reader import Reader
from sync_server import feed
from sync_server.database import HEAD_CHANNEL
from sync_server.schema import CHANGE_LOG, COMMAND_LOG, SYNC_HEAD
from sync_server.work import run_command, run_in
from tests.support.databases import ServerDatabase
from tests.sync_server.devices import customer

pytestmark = pytest.mark.storage

WRITERS = 8
COMMITS = 12


def write_slowly(server: ServerDatabase, tenant_id: TenantId, writer: int) -> None:
    """Commit a few times, each time after a pause that differs from writer to writer."""
    for n in range(COMMITS):
        with server.database.tenant_transaction(tenant_id) as unit:
            run_in(unit, customer(f"{writer}/{n}"))
            pause = (writer * 7 + n * 3) % 10 / 1000
            unit.connection.execute(sa.select(sa.func.pg_sleep(pause)))


def read_on(server: ServerDatabase, tenant_id: TenantId, after: int) -> list[tuple[int, str]]:
    """Log rows after a commit, as a device that polls would see them."""
    c = CHANGE_LOG.c
    wanted = sa.select(c.seq, c.key).where(c.seq > after).order_by(c.seq, c.ord)
    with server.database.tenant_snapshot(tenant_id) as connection:
        return [(row.seq, row.key) for row in connection.execute(wanted)]


def test_reader_that_polls_sees_every_commit_of_eight_slow_writers_in_order(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    seen: list[tuple[int, str]] = []
    with ThreadPoolExecutor(WRITERS) as writers:
        running: list[Future[None]] = [
            writers.submit(write_slowly, server_database, tenant_id, n) for n in range(WRITERS)
        ]
        while not all(each.done() for each in running):
            seen += read_on(server_database, tenant_id, seen[-1][0] if seen else 0)
        for each in running:
            each.result()
    seen += read_on(server_database, tenant_id, seen[-1][0] if seen else 0)

    assert [seq for seq, _key in seen] == list(range(1, WRITERS * COMMITS + 1))
    assert seen == read_on(server_database, tenant_id, 0)


def test_writers_of_different_tenants_do_not_wait_for_one_another(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    other = server_database.new_tenant().tenant_id

    with server_database.database.tenant_transaction(tenant_id) as unit:
        run_in(unit, customer("Ada"))
        run_command(server_database.database, other, customer("Bob"))

    assert len(read_on(server_database, other, 0)) == 1


def test_commit_without_a_change_moves_nothing(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_transaction(tenant_id) as unit:
        assert unit.rows.find(CustomerRow) == []

    with server_database.database.tenant_snapshot(tenant_id) as connection:
        assert feed.head_of(connection).seq == 0


def test_row_put_back_as_it_was_leaves_no_trace_in_the_feed(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with server_database.database.tenant_transaction(tenant_id) as unit:
        made = customer("Ada")
        run_in(unit, made)
        unit.rows.delete(unit.rows.require(CustomerRow, made.customer_id))

    assert read_on(server_database, tenant_id, 0) == []


def test_failure_before_the_commit_leaves_no_trace(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    def fail_late() -> None:
        with server_database.database.tenant_transaction(tenant_id) as unit:
            run_in(unit, customer("Ada"))
            run_in(unit, customer(""))

    with pytest.raises(Rejected, match="customer_unnamed"):
        fail_late()

    with server_database.database.tenant_snapshot(tenant_id) as connection:
        assert Reader(connection).find(CustomerRow) == []
        assert connection.execute(sa.select(COMMAND_LOG)).all() == []
        assert feed.head_of(connection).seq == 0


def test_writing_past_the_lock_is_noticed(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    def write_while_another_sneaks_in() -> None:
        with server_database.database.tenant_transaction(tenant_id) as unit:
            run_in(unit, customer("Ada"))
            with server_database.database.tenant_session(tenant_id) as sneaky:
                sneaky.execute(sa.update(SYNC_HEAD).values(seq=SYNC_HEAD.c.seq + 1))

    with pytest.raises(Bug, match="head moved"):
        write_while_another_sneaks_in()


@contextmanager
def listening(server: ServerDatabase) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection that hears of heads."""
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"LISTEN {HEAD_CHANNEL}".encode())
        yield connection


def test_new_head_is_announced_after_the_commit(
    server_database: ServerDatabase, tenant_id: TenantId
) -> None:
    with listening(server_database) as connection:
        run_command(server_database.database, tenant_id, customer("Ada"))
        heard = next(n for n in connection.notifies(timeout=10) if tenant_id in n.payload)

    assert heard.payload == f"{tenant_id} 1.1"


def test_same_command_id_is_run_once(server_database: ServerDatabase, tenant_id: TenantId) -> None:
    database, command_id = server_database.database, "0192b0a0-0000-7000-8000-000000000001"
    first = run_command(database, tenant_id, customer("Ada"), command_id=command_id)

    second = run_command(database, tenant_id, customer("Bob"), command_id=command_id)

    with database.tenant_snapshot(tenant_id) as connection:
        assert [row.name for row in Reader(connection).find(CustomerRow)] == ["Ada"]
    assert first == second


def test_tenant_that_stays_busy_is_reported_as_busy(
    server_database: ServerDatabase, tenant_id: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with server_database.database.tenant_transaction(tenant_id):
            is_held.set()
            may_end.wait(30)

    monkeypatch.setattr("sync_server.database.LOCK_PATIENCE", "50ms")
    with ThreadPoolExecutor(1) as other:
        holding = other.submit(hold)
        is_held.wait(10)
        with (
            pytest.raises(Unavailable, match="server_busy"),
            server_database.database.tenant_transaction(tenant_id),
        ):
            pass
        may_end.set()
        holding.result()


def test_database_that_is_gone_is_reported_as_unavailable(server_database: ServerDatabase) -> None:
    database = server_database.database

    def be_cut_off() -> None:
        with server_database.owner.begin() as owner, database.control() as connection:
            pid = connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
            owner.execute(sa.select(sa.func.pg_terminate_backend(pid)))
            connection.execute(sa.select(1))

    with pytest.raises(Unavailable, match="database_unavailable"):
        be_cut_off()
    with database.control() as connection:
        assert connection.execute(sa.select(1)).scalar_one() == 1
