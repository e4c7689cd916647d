"""Waiting devices hear of a new head at once, and are sent away cleanly."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from shared.kernel.ids import new_id
from shared.sync.cursor import Cursor
from shared.sync.protocol.wait import Nudge
from sync_server.serving import SyncServer
from sync_server.sync.hub import Hub, Listener, next_nudge, nudges
from tests.sync_server.devices import Device, Site, customer, read

TENANT = new_id()


async def collect(events: AsyncIterator[bytes], count: int) -> list[bytes]:
    """The next events."""
    return [await anext(events) for _ in range(count)]


def heads(*wanted: str) -> list[bytes]:
    """Events with those heads."""
    return [f'data: {{"head":"{head}"}}\n\n'.encode() for head in wanted]


def test_first_event_is_the_head_and_each_later_head_follows() -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        hub.open(asyncio.get_running_loop())
        with hub.waiting(TENANT) as waiter:
            events = nudges(waiter, Cursor(1, 5), seconds=60)
            first = await collect(events, 1)
            hub.announce(TENANT, Cursor(1, 6))
            return first + await collect(events, 1)

    assert asyncio.run(story()) == heads("1.5", "1.6")


def test_heads_that_come_together_or_late_are_one_nudge() -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        hub.open(asyncio.get_running_loop())
        with hub.waiting(TENANT) as waiter:
            for seq in (3, 6, 7):
                waiter.put(Cursor(1, seq))
            events = nudges(waiter, Cursor(1, 5), seconds=60)
            first = await collect(events, 2)
            waiter.put(Cursor(1, 4))
            waiter.put(Cursor(1, 8))
            return first + await collect(events, 1)

    assert asyncio.run(story()) == heads("1.5", "1.7", "1.8")


def test_heads_of_other_tenants_are_not_heard() -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        hub.open(asyncio.get_running_loop())
        with hub.waiting(TENANT) as waiter:
            events = nudges(waiter, Cursor(1, 5), seconds=60, heartbeat=0.01)
            hub.announce(new_id(), Cursor(1, 6))
            return await collect(events, 2)

    assert asyncio.run(story()) == [*heads("1.5"), b": alive\n\n"]


def test_waiting_ends_with_the_token() -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        with hub.waiting(TENANT) as waiter:
            return [event async for event in nudges(waiter, Cursor(1, 5), seconds=0.01)]

    assert asyncio.run(story())[0] == heads("1.5")[0]


@pytest.mark.parametrize("is_before", [True, False])
def test_waiting_ends_when_the_server_stops(*, is_before: bool) -> None:
    async def story() -> list[bytes]:
        hub = Hub()
        if is_before:
            hub.close()
        with hub.waiting(TENANT) as waiter:
            if not is_before:
                hub.close()
            return [event async for event in nudges(waiter, Cursor(1, 5), seconds=60)]

    assert asyncio.run(story()) == heads("1.5")


@contextmanager
def waiting(device: Device) -> Iterator[Iterator[str]]:
    """The lines that a waiting device reads."""
    address = "/sync/v1/wait"
    with device.client.stream("GET", address, headers=device.headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (line for line in answer.iter_lines() if line)


@pytest.mark.storage
def test_device_hears_of_anothers_commit(site: Site) -> None:
    till, office = site.device(name="Till"), site.device(name="Office")
    with waiting(till) as lines:
        before = next(lines)
        (answer,) = office.push(customer("Ada")).outcomes

        assert before == f'data: {{"head":"1.{answer.commit_seq - 1}"}}'
        assert next(lines) == f'data: {{"head":"1.{answer.commit_seq}"}}'


@pytest.mark.storage
def test_stopping_server_sends_waiting_devices_away(site: Site, served: SyncServer) -> None:
    till = site.device()
    with waiting(till) as lines:
        next(lines)
        served.should_exit = True

        assert list(lines) == []


@pytest.mark.storage
def test_many_devices_may_wait_and_the_server_still_answers(site: Site) -> None:
    devices = [site.device(name=f"D{n}") for n in range(3)]
    limits = httpx.Limits(max_connections=200)
    with httpx.Client(base_url=site.client.base_url, limits=limits, timeout=30) as many:
        ready = threading.Barrier(61)

        def wait(n: int) -> str:
            device = devices[n % 3]
            with many.stream("GET", "/sync/v1/wait", headers=device.headers) as answer:
                lines = (line for line in answer.iter_lines() if line)
                next(lines)
                ready.wait(30)
                return next(lines)

        with ThreadPoolExecutor(60) as threads:
            waits = [threads.submit(wait, n) for n in range(60)]
            ready.wait(30)
            (answer,) = devices[0].push(customer("Ada")).outcomes
            heard = {each.result() for each in waits}

    assert heard == {f'data: {{"head":"1.{answer.commit_seq}"}}'}


@pytest.mark.storage
def test_listener_that_loses_its_connection_sends_devices_back_and_listens_again(
    migrated_url: str,
) -> None:
    address = migrated_url.replace("+psycopg", "")
    opened: list[psycopg.Connection[tuple[object, ...]]] = []

    def connect() -> "psycopg.Connection[tuple[object, ...]]":
        opened.append(psycopg.connect(address, autocommit=True))
        return opened[-1]

    async def story() -> list[list[bytes]]:
        hub = Hub()
        hub.open(asyncio.get_running_loop())
        listener = Listener(connect, hub)
        with hub.waiting(TENANT) as first:
            listener.start()
            sent_away = [event async for event in nudges(first, Cursor(1, 1), seconds=60)]
        pid = opened[0].info.backend_pid
        with hub.waiting(TENANT) as second, psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            sent_back = [event async for event in nudges(second, Cursor(1, 1), seconds=60)]
        with hub.waiting(TENANT) as third, psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_notify('pycommerce_head', %s)", (f"{TENANT} 1.2",))
            heard = await collect(nudges(third, Cursor(1, 1), seconds=60), 2)
        await asyncio.to_thread(listener.stop)
        return [sent_away, sent_back, heard]

    assert asyncio.run(story()) == [heads("1.1"), heads("1.1"), heads("1.1", "1.2")]


def test_a_device_that_gets_no_events_asks_for_each_head(site: Site) -> None:
    device = site.device()
    head = device.pull().to_cursor

    def ask(after: str) -> str:
        answer = site.client.get("/sync/v1/wait", params={"after": after}, headers=device.headers)
        return read(answer, Nudge).head

    with ThreadPoolExecutor(1) as thread:
        first = ask("0.0")
        later = thread.submit(ask, head)
        seq = site.run(customer("Ada"))
        assert (first, later.result()) == (head, f"1.{seq}")


def test_a_long_poll_ends_with_the_head_as_it_was_when_nothing_happens() -> None:
    async def story() -> str:
        hub = Hub()
        with hub.waiting(TENANT) as waiter:
            nudge = await next_nudge(waiter, Cursor(1, 5), after=Cursor(1, 5), seconds=0.01)
            return nudge.head

    assert asyncio.run(story()) == "1.5"
