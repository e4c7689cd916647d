"""A device with its engine on the real server: enrolment, tokens, cuts, forks, over HTTP."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.secrets import DeviceKey, FileStore
from desktop.sync.http_endpoint import HttpEndpoint
from desktop.workbench import Workbench
from shared.catalog.tables import VariantRow
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.kernel.ids import CustomerId, new_id
from shared.organization.commands import RevokeDevice, Workspace
from shared.organization.tables import LocationRow
from shared.storage.reader import Reader
from shared.sync.cursor import START
from shared.sync.protocol.pull import PullPage
from shared.sync.state import SyncState
from sync_server.serving import SyncServer
from tests.desktop.sync.machine import Machine, server_seq
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


@pytest.fixture
def cable(served: SyncServer, listening: socket.socket) -> Iterator[Cable]:
    assert served is not None
    with Cable(listening.getsockname()[1]) as made:
        yield made


@pytest.fixture
def machine(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
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


def test_a_paired_device_is_filled_and_both_sides_prove_that_they_agree(
    machine: Machine,
) -> None:
    status = machine.settle()
    assert status.is_filled
    assert status.verified_at is not None
    assert status.mismatches == ()
    assert len(machine.work.fetch(lambda reader: reader.find(LocationRow)).result()) == 2


def test_what_is_made_here_reaches_the_server_and_what_others_make_arrives(
    machine: Machine, site: Site
) -> None:
    machine.do(_customer("Here"))
    machine.settle()
    site.run(_customer("There"))
    machine.watcher.until(lambda status: status.cursor.seq == server_seq(site))
    assert _at_server(site) == {"Here", "There"}
    assert machine.work.fetch(_names).result() == {"Here", "There"}


def test_a_cut_cable_holds_commands_back_and_a_mended_one_brings_both_sides_together(
    machine: Machine, site: Site, cable: Cable
) -> None:
    cable.cut()
    for number in range(5):
        machine.do(_customer(f"Offline {number}"))
    status = machine.watcher.until(lambda status: status.pending == 5 and not status.is_online)
    assert status.error is None or status.error.code == "server_unreachable"
    site.run(_customer("Meanwhile"))
    cable.mend()
    machine.settle()
    assert _at_server(site) == machine.work.fetch(_names).result()
    assert len(_at_server(site)) == 6


def test_a_cable_that_is_cut_again_and_again_loses_and_doubles_nothing(
    machine: Machine, site: Site, cable: Cable
) -> None:
    for number in range(10):
        machine.do(_customer(f"Customer {number}"))
        cable.cut()
        cable.mend()
    machine.settle()
    assert len(_at_server(site)) == 10
    assert machine.work.fetch(_names).result() == _at_server(site)


def test_an_expired_token_is_renewed_without_anybody_noticing(machine: Machine, site: Site) -> None:
    for clock in (site.server.clock, machine.clock):
        clock.advance(timedelta(minutes=30))
    machine.do(_customer("Later"))
    status = machine.settle()
    assert _at_server(site) == {"Later"}
    assert status.error is None


@pytest.mark.parametrize("years", [-10, 10])
def test_a_till_whose_clock_is_wrong_gets_its_sales_through(
    machine: Machine, site: Site, years: int
) -> None:
    machine.stop()
    machine.clock.advance(timedelta(days=365 * years))
    machine.start()
    machine.do(_customer("From another time"))
    status = machine.settle()
    assert _at_server(site) == {"From another time"}
    assert status.error is None


def test_a_device_that_was_shut_out_keeps_its_commands_and_says_why(
    machine: Machine, site: Site
) -> None:
    site.run(RevokeDevice(device_id=machine.identity.device_id))
    machine.do(_customer("Too late"))
    status = machine.watcher.until(lambda status: status.state is SyncState.REVOKED)
    assert status.error is not None
    assert status.error.code == "device_revoked"
    assert machine.work.ask(lambda bench: bench.journal.waiting().count).result() == 1


def test_pairing_anew_sends_what_is_unsent_in_the_next_life(
    machine: Machine, site: Site, cable: Cable
) -> None:
    cable.cut()
    machine.do(_customer("Unsent"))
    machine.stop()
    cable.mend()
    identity = machine.pair(site.code())
    assert identity.incarnation == 2
    machine.start()
    machine.settle()
    assert _at_server(site) == {"Unsent"}
    assert machine.work.fetch(_names).result() == {"Unsent"}


def test_pages_come_in_commits_whatever_their_size(
    site: Site, cable: Cable, tmp_path: Path
) -> None:
    for number in range(30):
        site.run(*(_customer(f"{number}-{each}") for each in range(number % 4)))
    made = Machine(site, tmp_path / "other", cable)
    identity = made.pair(site.code())

    async def fill() -> int:
        endpoint, pages = HttpEndpoint(identity, made.key, site.server.clock), 0
        while not (await made.work.ask(Workbench.standing)).is_filled:
            standing = await made.work.ask(Workbench.standing)
            await _take(made, await endpoint.pull(standing.cursor, limit=7))
            pages += 1
        await endpoint.close()
        return pages

    assert asyncio.run(fill()) > 5
    assert made.work.fetch(_names).result() == _at_server(site)
    made.work.close()


async def _take(machine: Machine, page: PullPage) -> None:
    assert await machine.work.ask(lambda bench: bench.apply(page)) is not None


# -- errors ------------------------------------------------------------------------------------


def _error_of(endpoint: HttpEndpoint) -> CodedError:
    async def ask() -> None:
        try:
            await endpoint.pull(START, limit=10)
        finally:
            await endpoint.close()

    with pytest.raises((Rejected, Unavailable)) as caught:
        asyncio.run(ask())
    assert isinstance(caught.value, CodedError)
    return caught.value


def test_a_key_that_the_server_does_not_know_is_refused(machine: Machine, tmp_path: Path) -> None:
    stranger = DeviceKey(FileStore(tmp_path / "other keys", b"machine"))
    error = _error_of(HttpEndpoint(machine.identity, stranger, machine.site.server.clock))
    assert isinstance(error, Rejected)
    assert error.code == "token_refused"


def test_nobody_at_the_address_is_an_obstacle(machine: Machine, cable: Cable) -> None:
    cable.cut()
    error = _error_of(HttpEndpoint(machine.identity, machine.key, machine.site.server.clock))
    assert isinstance(error, Unavailable)
    assert error.code == "server_unreachable"


@pytest.fixture
def talking() -> Iterator[Callable[[bytes], str]]:
    """Something that is no server of ours and answers every caller with the same bytes."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def answer_with(raw: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.1)

        def serve() -> None:
            with listener:
                while not stop.is_set():
                    try:
                        caller, _address = listener.accept()
                    except TimeoutError:
                        continue
                    with caller:
                        caller.recv(65_536)
                        caller.sendall(raw)

        threads.append(threading.Thread(target=serve, name="stranger"))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield answer_with
    stop.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html>Sign in.",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nsorry",
        b"HTTP/1.1 302 Found\r\nLocation: /sign-in\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 4\r\n\r\nnope",
        b"what?\r\n\r\n",
    ],
)
def test_whoever_else_answers_is_an_obstacle_and_never_a_refusal(
    machine: Machine, talking: Callable[[bytes], str], raw: bytes
) -> None:
    elsewhere = replace(machine.identity, server_url=talking(raw))
    error = _error_of(HttpEndpoint(elsewhere, machine.key, machine.site.server.clock))
    assert isinstance(error, Unavailable)
    assert error.code in {"answer_malformed", "server_unreachable"}


def test_a_wrong_pairing_code_is_refused_in_the_servers_words(
    site: Site, cable: Cable, tmp_path: Path
) -> None:
    made = Machine(site, tmp_path / "other", cable)
    with pytest.raises(Rejected, match="pairing_code_unknown"):
        made.pair("AAAAA-AAAAA")
    identity = made.pair(site.code(Workspace.KIOSK))
    assert identity.register_id == site.register_ids[0]
    assert made.work.fetch(lambda reader: reader.find(VariantRow)).result() == []
    made.work.close()
