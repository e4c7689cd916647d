"""A server that is killed in the middle of a push loses nothing and does nothing twice."""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from shared.customers.tables import CustomerRow
from shared.kernel.clock import SystemClock
from shared.storage.reader import Reader
from shared.sync.recount import recount
from sync_server import feed
from sync_server.database import HEAD_CHANNEL
from sync_server.schema import COMMAND_LOG
from tests.sync_server.devices import Device, Site, customer
from tests.sync_server.processes import address_of, server_process

pytestmark = [pytest.mark.storage, pytest.mark.fault, pytest.mark.slow]

COMMANDS = 400


@pytest.fixture
def device(site: Site) -> Device:
    """A device enrolled by the clock on the wall, since the killed server goes by it."""
    clock = SystemClock()
    site.server.clock.advance(clock.now() - site.server.clock.now())
    return replace(site.device(), clock=clock)


def test_push_killed_between_commits_is_completed_by_the_next_one(
    site: Site, device: Device
) -> None:
    names = [f"C{n:03}" for n in range(COMMANDS)]
    device.add(*(customer(name) for name in names))
    url = site.server.url
    with (
        server_process(url, "serve", "--port", "0") as doomed,
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as listening,
        httpx.Client(base_url=address_of(doomed), timeout=30) as client,
        ThreadPoolExecutor(1) as sending,
    ):
        listening.execute(f"LISTEN {HEAD_CHANNEL}".encode())
        push = sending.submit(replace(device, client=client).send, device.journal)
        next(n for n in listening.notifies(timeout=20) if site.tenant_id in n.payload)
        doomed.send_signal(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            push.result()
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        survived = len(Reader(connection).find(CustomerRow))

    reply = device.push()

    assert 0 < survived < COMMANDS
    assert [each.seq for each in reply.outcomes] == list(range(1, COMMANDS + 1))
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        kept = Reader(connection).find(CustomerRow)
        logged = connection.execute(
            sa.select(COMMAND_LOG.c.seq)
            .where(COMMAND_LOG.c.device_id == device.device_id)
            .order_by(COMMAND_LOG.c.seq)
        )
        assert sorted(row.name for row in kept) == names
        assert list(logged.scalars()) == list(range(1, COMMANDS + 1))
        assert recount(connection) == feed.digests(connection)


def test_terminated_server_stops_cleanly_and_soon(site: Site, device: Device) -> None:
    with (
        server_process(site.server.url, "serve", "--port", "0") as process,
        httpx.Client(base_url=address_of(process), timeout=30) as client,
    ):
        waiting = replace(device, client=client)
        waiting.sign_in()
        with client.stream("GET", "/sync/v1/wait", headers=waiting.headers) as answer:
            lines = answer.iter_lines()
            next(lines)
            process.terminate()
            assert [line for line in lines if line] == []
        assert process.wait(15) in {0, -signal.SIGTERM}
