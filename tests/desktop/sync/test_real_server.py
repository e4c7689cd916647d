"""A device with its engine on the real server: enrolment, tokens, cuts, forks, over HTTP."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from desktop.enrolment import Pairing, enrol
from desktop.files import Keys
from desktop.journal import Identity
from desktop.secrets import DeviceKey, FileStore
from desktop.settings import Profile
from desktop.sync.engine import Engine
from desktop.sync.http_endpoint import HttpEndpoint, HttpEnrolment
from desktop.sync.sync_status import SyncStatus
from desktop.work import Work, open_work
from desktop.workbench import Workbench
from shared.catalog.tables import VariantRow
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.errors import CodedError, Rejected, Unavailable
from shared.kernel.ids import CustomerId, new_id
from shared.kernel.messages import Command
from shared.organization.commands import RevokeDevice, Workspace
from shared.organization.tables import LocationRow
from shared.storage.reader import Reader
from shared.sync.cursor import START
from shared.sync.protocol.pull import PullPage
from shared.sync.state import SyncState
from sync_server.serving import SyncServer
from tests.support.cable import Cable
from tests.support.loopback import QUICK, Watcher
from tests.support.world_device import Heard
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
T = TypeVar("T")


class Joined(Heard):
    """A listener that passes on what concerns the engine."""

    engine: Engine | None = None

    def journal_grew(self, last_seq: int) -> None:
        super().journal_grew(last_seq)
        if self.engine is not None:
            self.engine.journal_grew()


class Machine:
    """A machine with the whole client below the screens."""

    def __init__(self, site: Site, folder: Path, cable: Cable) -> None:
        self.site, self.cable = site, cable
        self.watcher, self.heard = Watcher(), Joined()
        folder.mkdir()
        self.key = DeviceKey(FileStore(folder / "keys", b"machine"))
        keys = Keys(b"j" * 32, b"r" * 32)
        clock = site.server.clock
        self.work: Work = open_work(
            Profile(folder / "profile"), keys, clock=clock, listener=self.heard
        )
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        assert self._engine is not None
        return self._engine

    def pair(self, code: str) -> Identity:
        """Become a device, or the same one again."""
        pairing = Pairing(
            server_url=self.cable.url, pairing_code=code, name="PC", client_version="1"
        )
        return asyncio.run(enrol(self.work, HttpEnrolment, self.key, pairing=pairing))

    def start(self) -> None:
        """Begin to exchange."""
        identity = self.identity
        self._engine = Engine(
            self.work,
            lambda: HttpEndpoint(identity, self.key, self.site.server.clock),
            on_status=self.watcher.take,
            tempo=QUICK,
        )
        self.heard.engine = self._engine
        self._engine.start()

    def stop(self) -> None:
        """End the exchange."""
        if self._engine is not None:
            self._engine.stop()

    @property
    def identity(self) -> Identity:
        return self.work.ask(lambda bench: bench.identity).result()

    def do(self, command: Command) -> None:
        """Make a command true here, as the owner."""
        self.work.submit(command, actor_id=self.site.owner_id).result()

    def settle(self) -> SyncStatus:
        """Wait until the server has everything, and this machine what the server has."""
        return self.watcher.until(self._is_settled)

    def _is_settled(self, status: SyncStatus) -> bool:
        if status.state is not SyncState.IDLE or status.pending:
            return False
        if self.work.ask(lambda bench: bench.journal.waiting().count).result():
            return False
        return status.cursor.seq == server_seq(self.site)


def server_seq(site: Site) -> int:
    """The number of the tenant's last commit."""
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        return int(connection.execute(sa.text("SELECT seq FROM sync_head")).scalar_one())


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
    site.server.clock.advance(timedelta(minutes=30))
    machine.do(_customer("Later"))
    status = machine.settle()
    assert _at_server(site) == {"Later"}
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
