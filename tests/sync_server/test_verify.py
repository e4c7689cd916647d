"""Verify: rows are compared by ranges of keys, counted from the rows, within a device's scopes."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from shared.customers.tables import CUSTOMER
from shared.kernel.ids import RegisterId, new_id
from shared.organization.commands import AddRegister, RevokeDevice, Workspace
from shared.storage.base import TableOf, table_named, tables_in_order
from shared.sync.digest import row_digest
from shared.sync.protocol.verify import RANGES, RangeSum, VerifyReply, VerifyRequest
from shared.sync.ranges import RangeSums, range_of
from shared.sync.recount import recount
from shared.sync.scopes import scopes_for
from sync_server import feed
from sync_server.jobs.compaction import compact
from sync_server.schema import SCOPE_DIGEST
from sync_server.tenancy import schema_of
from tests.sync_server.devices import Device, Site, customer, read, refusal

pytestmark = pytest.mark.storage


@pytest.fixture
def device(site: Site) -> Device:
    """The owner's back office, with forty customers in the shop."""
    site.run(*(customer(f"Customer {n}") for n in range(40)))
    return site.device()


def ask(device: Device, request: VerifyRequest) -> httpx.Response:
    """The answer to a request."""
    body = msgspec.json.encode(request)
    return device.client.post("/sync/v1/verify", content=body, headers=device.headers)


def sums_of(table: TableOf[Any], images: Iterable[bytes]) -> RangeSums:
    """Sums over images."""
    sums = RangeSums()
    for image in images:
        key = table.key_of(table.from_image(image))
        sums.add(range_of(table.name, key), row_digest(table.name, image))
    return sums


def holding(
    device: Device, *, table: str = "customer", scope: str = "tenant", without: int = 0
) -> VerifyRequest:
    """What a device asks that has pulled everything, and then lost its first rows."""
    page = device.pull()
    images = [bytes(put) for each in page.tables if each.table == table for put in each.puts]
    declared = table_named(table)
    assert declared.scope_of is not None
    held = [image for image in images if declared.scope_of(declared.from_image(image)) == scope]
    return VerifyRequest(
        protocol=1,
        cursor=page.to_cursor,
        table=table,
        scope=scope,
        ranges=sums_of(declared, held[without:]).sums(),
    )


def test_a_device_that_holds_all_hears_that_nothing_differs(device: Device) -> None:
    reply = read(ask(device, holding(device)), VerifyReply)

    assert (reply.differing, reply.unsettled, reply.rows) == ((), (), ())
    assert (reply.table, reply.scope) == ("customer", "tenant")
    assert reply.cursor == device.pull().to_cursor


def test_only_ranges_that_differ_come_with_all_their_rows(device: Device) -> None:
    request = holding(device, without=1)

    reply = read(ask(device, request), VerifyReply)

    (differing,), (rows,) = reply.differing, reply.rows
    assert differing.range == rows.range
    assert differing.row_count == len(rows.puts)
    assert sums_of(CUSTOMER, map(bytes, rows.puts)).sums([rows.range]) == (differing,)
    assert request.ranges[differing.range].row_count == differing.row_count - 1


def test_an_answer_is_cut_at_ranges_and_the_rest_is_asked_for(device: Device) -> None:
    nothing = tuple(RangeSum(range=n, row_count=0, digest_sum=0) for n in range(RANGES))
    request = replace(holding(device), ranges=nothing, limit=7)
    came: list[bytes] = []
    while True:
        reply = read(ask(device, request), VerifyReply)
        assert reply.rows
        assert sum(len(each.puts) for each in reply.rows) <= 7 or len(reply.rows) == 1
        came += [bytes(put) for each in reply.rows for put in each.puts]
        rest = {each.range for each in reply.differing} - {each.range for each in reply.rows}
        if not rest:
            break
        request = replace(request, ranges=tuple(nothing[n] for n in sorted(rest)))

    assert sums_of(CUSTOMER, came).sums() == holding(device).ranges
    assert len(came) == 40


def test_what_changed_after_the_devices_cursor_is_not_compared(site: Site, device: Device) -> None:
    request, late = holding(device, without=1), customer("Late")
    place = range_of("customer", (late.customer_id,))
    site.run(late)

    reply = read(ask(device, request), VerifyReply)

    assert (reply.unsettled, reply.changed) == ((place,), ((late.customer_id,),))
    assert reply.rows[0].range == place
    # The row that this device lost may lie in the very same range.
    is_lost_here = not reply.differing
    assert len(reply.rows[0].puts) == request.ranges[place].row_count + is_lost_here
    assert place not in {each.range for each in reply.differing}


def test_after_many_changes_unsettled_ranges_are_only_named(site: Site, device: Device) -> None:
    request = holding(device)
    late = [customer(f"Late {n}") for n in range(60)]
    site.run(*late)

    reply = read(ask(device, request), VerifyReply)

    assert set(reply.unsettled) == {range_of("customer", (each.customer_id,)) for each in late}
    assert (reply.differing, reply.rows) == ((), ())


def test_changes_elsewhere_unsettle_nothing(site: Site, device: Device) -> None:
    request = holding(device, without=1)
    register_id = RegisterId(new_id())
    site.run(
        AddRegister(register_id=register_id, location_id=site.location_ids[0], name="K9", code="K9")
    )

    reply = read(ask(device, request), VerifyReply)

    assert (reply.unsettled, len(reply.differing)) == ((), 1)


@pytest.mark.parametrize("table", [t.name for t in tables_in_order() if t.scope_of is not None])
def test_both_engines_put_every_key_into_the_same_range(site: Site, table: str) -> None:
    """Ranges named singly are found by PostgreSQL, all of them by Python."""
    device = site.device()
    site.run(customer("Ada"))
    page = device.pull()
    scopes = {each.scope for each in page.digests if each.table == table and each.row_count}
    for scope in scopes or {"tenant"}:
        whole = holding(device, table=table, scope=scope)
        for each in whole.ranges:
            if each.row_count:
                wrong = replace(each, digest_sum=each.digest_sum ^ 1)
                reply = read(ask(device, replace(whole, ranges=(wrong,))), VerifyReply)
                assert reply.differing == (each,)
                images = [bytes(put) for put in reply.rows[0].puts]
                assert sums_of(table_named(table), images).sums([each.range]) == (each,)
        assert read(ask(device, whole), VerifyReply).differing == ()


# -- scopes and tenants ------------------------------------------------------------------------


def empty(table: str, scope: str, cursor: str) -> VerifyRequest:
    """A device that holds nothing asks for everything."""
    ranges = tuple(RangeSum(range=n, row_count=0, digest_sum=0) for n in range(RANGES))
    return VerifyRequest(protocol=1, cursor=cursor, table=table, scope=scope, ranges=ranges)


def test_rows_of_other_scopes_are_not_given_out(site: Site) -> None:
    till, office = site.device(Workspace.KIOSK), site.device()
    own = scopes_for(Workspace.KIOSK, site.location_ids[0], site.register_ids[0])
    page = office.pull()
    foreign = [
        (each.table, each.scope)
        for each in page.digests
        if each.scope not in own and each.row_count
    ]
    for table, scope in [*foreign, ("customer", "finance"), ("register", "location:*")]:
        reply = read(ask(till, empty(table, scope, page.to_cursor)), VerifyReply)
        assert (reply.differing, reply.rows) == ((), ())


def test_what_a_device_holds_outside_its_scopes_is_to_go(site: Site) -> None:
    till = site.device(Workspace.KIOSK)
    request = empty("stock_level", f"location:{site.location_ids[1]}", till.pull().to_cursor)
    surplus = RangeSum(range=7, row_count=1, digest_sum=12)

    reply = read(ask(till, replace(request, ranges=(surplus,))), VerifyReply)

    assert reply.differing == (RangeSum(range=7, row_count=0, digest_sum=0),)
    assert [(each.range, each.puts) for each in reply.rows] == [(7, ())]


def test_rows_of_another_tenant_are_not_given_out(site: Site, device: Device) -> None:
    stranger = Site(site.server, site.client)
    theirs = stranger.device()
    for table in tables_in_order():
        if table.scope_of is None:
            continue
        reply = read(ask(theirs, empty(table.name, "tenant", theirs.pull().to_cursor)), VerifyReply)
        own = {
            bytes(put)
            for each in theirs.pull().tables
            if each.table == table.name
            for put in each.puts
        }
        assert {bytes(put) for each in reply.rows for put in each.puts} <= own
    assert len(device.pull().tables) > 0


def test_foreign_rows_that_lie_in_our_own_tables_are_not_given_out(
    site: Site, device: Device
) -> None:
    stranger = Site(site.server, site.client)
    stranger.run(customer("Stranger"))
    ours, theirs = schema_of(site.tenant_id), schema_of(stranger.tenant_id)
    with site.server.owner.begin() as owner:
        owner.exec_driver_sql(f"INSERT INTO {ours}.customer TABLE {theirs}.customer")

    request = empty("customer", "tenant", device.pull().to_cursor)
    everything = read(ask(device, request), VerifyReply)
    by_range = [
        read(ask(device, replace(request, ranges=(each,))), VerifyReply) for each in request.ranges
    ]

    for reply in (everything, *by_range):
        assert not any(b"Stranger" in bytes(put) for rows in reply.rows for put in rows.puts)
    assert sum(len(rows.puts) for rows in everything.rows) == 40


def test_a_revoked_device_is_refused(site: Site, device: Device) -> None:
    request = holding(device)
    site.run(RevokeDevice(device_id=device.device_id))

    assert refusal(ask(device, request)) == (403, "device_revoked")


# -- what is no good request -------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["2.1", "1.99999", "0.0"])
def test_a_place_in_another_history_is_refused(device: Device, cursor: str) -> None:
    assert refusal(ask(device, replace(holding(device), cursor=cursor))) == (
        409,
        "cursor_from_other_epoch",
    )


def test_a_place_where_the_log_is_short_is_refused(site: Site, device: Device) -> None:
    request = holding(device)
    site.run(customer("Later"))
    site.server.clock.advance(timedelta(days=1))
    compact(site.server.owner, site.tenant, now=site.server.clock.now(), days=0)
    device.sign_in()

    assert refusal(ask(device, request)) == (409, "cursor_too_old")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cursor": "here"}, (422, "cursor_malformed")),
        ({"table": "nothing"}, (422, "body_malformed")),
        ({"table": "device_link"}, (422, "body_malformed")),
        ({"table": "customer; DROP TABLE customer"}, (422, "body_malformed")),
        ({"ranges": ()}, (422, "body_malformed")),
        ({"ranges": (RangeSum(range=256, row_count=0, digest_sum=0),)}, (422, "body_malformed")),
        ({"ranges": (RangeSum(range=-1, row_count=0, digest_sum=0),)}, (422, "body_malformed")),
        ({"ranges": (RangeSum(range=1, row_count=0, digest_sum=0),) * 2}, (422, "body_malformed")),
        ({"limit": 0}, (422, "body_malformed")),
        ({"limit": 20_001}, (422, "body_malformed")),
    ],
)
def test_a_request_that_is_none_is_refused(
    device: Device, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(ask(device, replace(holding(device), **change))) == expected


def test_one_device_at_a_time_is_answered_and_others_come_back(site: Site, device: Device) -> None:
    request = holding(device)
    with site.server.owner.connect() as owner, ThreadPoolExecutor(1) as other:
        owner.exec_driver_sql(f"LOCK TABLE {schema_of(site.tenant_id)}.customer")
        first = other.submit(ask, device, request)
        assert any(waits_for_a_table(site) for _ in range(5000))
        second = ask(device, request)
        owner.rollback()

    assert refusal(second) == (503, "server_busy")
    assert read(first.result(), VerifyReply).differing == ()
    assert read(ask(device, request), VerifyReply).differing == ()


def waits_for_a_table(site: Site) -> bool:
    """Whether somebody waits for the lock that the test holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
    with site.server.owner.connect() as connection:
        return bool(connection.exec_driver_sql(waiting).scalar_one())


# -- what the server keeps ---------------------------------------------------------------------


def gnaw(site: Site, **columns: int) -> None:
    """Make the kept count or sum of customers wrong, as no code of ours does."""
    with site.server.database.tenant_session(site.tenant_id) as connection:
        connection.execute(
            sa.update(SCOPE_DIGEST)
            .where(SCOPE_DIGEST.c.tbl == "customer", SCOPE_DIGEST.c.scope == "tenant")
            .values({name: SCOPE_DIGEST.c[name] + by for name, by in columns.items()})
        )


def is_kept_right(site: Site) -> bool:
    """Whether what the server keeps is what its rows come to."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        kept = tuple(each for each in feed.digests(connection) if each.row_count)
        return recount(connection) == kept


@pytest.mark.parametrize("wrong", [{"digest_sum": 1}, {"row_count": 1}, {"row_count": -40}])
def test_a_kept_sum_that_is_wrong_is_put_right_and_said(
    site: Site, device: Device, caplog: pytest.LogCaptureFixture, *, wrong: dict[str, int]
) -> None:
    gnaw(site, **wrong)
    assert not is_kept_right(site)

    with caplog.at_level(logging.ERROR):
        reply = read(ask(device, holding(device)), VerifyReply)

    assert (reply.differing, reply.rows) == ((), ())
    assert "it is put right" in caplog.text
    assert is_kept_right(site)


def test_a_kept_sum_is_left_alone_where_it_is_right(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        ask(device, holding(device, without=3))

    assert caplog.text == ""


def test_putting_a_sum_right_is_no_commit_of_the_tenant(site: Site, device: Device) -> None:
    before = device.pull().to_cursor
    gnaw(site, digest_sum=5)

    ask(device, holding(device))

    assert device.pull(before).to_cursor == before
