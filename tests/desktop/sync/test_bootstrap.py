"""A device starts from the server's file: fetched in pieces, checked, and never in anyone's way."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from desktop.files import SIGNING_KEY
from desktop.sync.bootstrap import begin_from_file
from desktop.sync.http_endpoint import HttpEndpoint
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.errors import Unavailable
from shared.kernel.ids import CustomerId, new_id
from shared.storage.reader import Reader
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer, BootstrapState
from sync_server.app import create_app
from sync_server.bootstrap_files import file_name, public_text
from sync_server.jobs.bootstrap import build
from sync_server.jobs.compaction import compact
from sync_server.objects import FolderStore
from sync_server.serving import SyncServer
from sync_server.settings import Settings, objects_folder
from sync_server.tenancy import start_new_epoch
from tests.desktop.sync.machine import Machine
from tests.support.cable import Cable
from tests.support.databases import ServerDatabase
from tests.sync_server.conftest import (
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site

__all__ = ["client", "listening", "migrated_url", "served", "server_database", "site"]


@pytest.fixture
def settings(server_database: ServerDatabase, tmp_path: Path) -> Settings:
    """A server that makes a file of however few rows."""
    return Settings(
        data_folder=tmp_path / "server", database_url=server_database.url, bootstrap_rows=1
    )


@pytest.fixture
def app(settings: Settings, server_database: ServerDatabase) -> FastAPI:
    return create_app(settings, clock=server_database.clock)


@pytest.fixture
def cable(served: SyncServer, listening: socket.socket) -> Iterator[Cable]:
    assert served is not None
    with Cable(listening.getsockname()[1]) as made:
        yield made


@pytest.fixture
def machine(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    """A paired machine that has not exchanged anything yet."""
    site.run(*(_customer(f"Customer {number}") for number in range(200)))
    made = Machine(site, tmp_path / "machine", cable)
    made.pair(site.code())
    yield made
    made.stop()
    made.work.close()


def _customer(name: str) -> SaveCustomer:
    return SaveCustomer(customer_id=CustomerId(new_id()), name=name)


def _names(reader: Reader) -> set[str]:
    return {row.name for row in reader.find(CustomerRow)}


def _objects(settings: Settings) -> FolderStore:
    return FolderStore(objects_folder(settings))


def _make_file(machine: Machine, settings: Settings) -> BootstrapFile:
    """Have the server make the file, as its own process does."""
    server, identity = machine.site.server, machine.identity
    made = build(
        server.database,
        _objects(settings),
        server.clock,
        tenant_id=identity.tenant_id,
        scopes=identity.scopes,
    )
    assert made is not None
    return made


def _ask(machine: Machine, file: "Line | None" = None) -> BootstrapOffer | None:
    """What comes of beginning from the file, by the real line or by another one."""

    async def begin() -> BootstrapOffer | None:
        endpoint = HttpEndpoint(machine.identity, machine.key, machine.clock)
        line = file or Line(endpoint)
        line.endpoint = endpoint
        try:
            return await begin_from_file(machine.work, line, progress=line.hear)
        finally:
            await endpoint.close()

    return asyncio.run(begin())


class Line(HttpEndpoint):
    """A line that may break in the middle of a file."""

    def __init__(self, endpoint: HttpEndpoint) -> None:
        self.endpoint = endpoint
        self.breaks_after: int | None = None
        self.starts: list[int] = []
        self.heard: list[tuple[int, int]] = []

    def hear(self, here: int, size: int) -> None:
        self.heard.append((here, size))

    async def signing_key(self) -> str:
        return await self.endpoint.signing_key()

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        return await self.endpoint.bootstrap(schema=schema)

    async def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        self.starts.append(start)
        async for block in self.endpoint.bootstrap_file(file, start=start):
            if self.breaks_after is not None:
                yield block[: self.breaks_after]
                raise Unavailable("server_unreachable")
            yield block


def test_a_new_device_is_filled_from_a_file_and_agrees_with_the_server(machine: Machine) -> None:
    machine.start()
    status = machine.settle()

    assert 0 < status.fetched_bytes == status.file_bytes
    assert status.is_filled
    assert status.mismatches == ()
    assert status.verified_at is not None
    assert len(machine.work.fetch(_names).result()) == 200


def test_a_device_paired_before_files_were_signed_hears_of_the_key(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    told = machine.work.ask(lambda bench: bench.note(SIGNING_KEY)).result()
    machine.work.ask(lambda bench: bench.set_note(SIGNING_KEY, None)).result()
    machine.start()
    status = machine.settle()

    assert 0 < status.fetched_bytes == status.file_bytes
    assert told is not None
    assert machine.work.ask(lambda bench: bench.note(SIGNING_KEY)).result() == told
    assert "signing key" not in caplog.text


def test_a_known_key_is_never_replaced_by_another_that_the_server_tells(
    machine: Machine, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    other = public_text(Ed25519PrivateKey.generate())
    machine.work.ask(lambda bench: bench.set_note(SIGNING_KEY, other)).result()
    _make_file(machine, settings)
    machine.start()
    status = machine.settle()

    assert status.mismatches == ()
    assert status.fetched_bytes == 0
    assert machine.work.ask(lambda bench: bench.note(SIGNING_KEY)).result() == other
    assert "the server tells another signing key" in caplog.text


@pytest.mark.parametrize("told", ["", "x", "AAAA", "not base64!"])
def test_what_is_no_key_is_not_kept(machine: Machine, told: str) -> None:
    machine.work.ask(lambda bench: bench.set_note(SIGNING_KEY, None)).result()

    machine.work.ask(lambda bench: bench.hear_signing_key(told)).result()

    assert machine.work.ask(lambda bench: bench.note(SIGNING_KEY)).result() is None


def test_a_broken_line_goes_on_where_it_ended(machine: Machine, settings: Settings) -> None:
    _make_file(machine, settings)
    line = Line(HttpEndpoint(machine.identity, machine.key, machine.clock))
    line.breaks_after = 1000
    for _ in range(2):
        with pytest.raises(Unavailable, match="server_unreachable"):
            _ask(machine, line)
    line.breaks_after = None
    offer = _ask(machine, line)

    assert offer is not None
    assert offer.state is BootstrapState.READY
    assert line.starts == [0, 1000, 2000]
    assert line.heard[-1][0] == line.heard[-1][1] > 2000
    machine.start()
    assert machine.settle().mismatches == ()
    assert len(machine.work.fetch(_names).result()) == 200


def test_a_file_that_somebody_changed_is_thrown_away_and_the_rows_come_in_pages(
    machine: Machine, settings: Settings
) -> None:
    path = objects_folder(settings) / file_name(_make_file(machine, settings))
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(broken)

    machine.start()
    status = machine.settle()

    assert status.is_filled
    assert status.mismatches == ()
    assert len(machine.work.fetch(_names).result()) == 200


def test_people_go_on_working_while_a_restored_server_fills_their_device_again(
    machine: Machine, site: Site, cable: Cable
) -> None:
    machine.start()
    machine.settle()
    cable.cut()
    machine.do(_customer("Made offline"))
    start_new_epoch(site.server.owner, site.tenant, now=site.server.clock.now())
    machine.do(_customer("And another"))
    cable.mend()
    status = machine.settle()

    assert status.mismatches == ()
    assert machine.work.fetch(_names).result() >= {"Made offline", "And another"}
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        assert machine.work.fetch(_names).result() == _names(Reader(connection))


def test_a_device_that_was_away_for_too_long_starts_over_and_loses_nothing(
    machine: Machine, site: Site, cable: Cable
) -> None:
    machine.start()
    machine.settle()
    cable.cut()
    machine.do(_customer("Made offline"))
    site.run(_customer("Long ago"))
    for clock in (site.server.clock, machine.clock):
        clock.advance(timedelta(days=400))
    site.run(_customer("Today"))
    compact(site.server.owner, site.tenant, now=site.server.clock.now())
    cable.mend()
    status = machine.settle()

    assert status.mismatches == ()
    assert machine.work.fetch(_names).result() >= {"Made offline", "Long ago", "Today"}
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        assert machine.work.fetch(_names).result() == _names(Reader(connection))


def test_what_has_come_lies_enciphered_and_is_gone_when_the_device_is_filled(
    machine: Machine, settings: Settings
) -> None:
    made = _make_file(machine, settings)
    whole = (objects_folder(settings) / file_name(made)).read_bytes()
    line = Line(HttpEndpoint(machine.identity, machine.key, machine.clock))
    line.breaks_after = 1000
    with pytest.raises(Unavailable, match="server_unreachable"):
        _ask(machine, line)
    part = machine.work.ask(lambda bench: bench.files.bootstrap_spot().part).result()
    came = part.read_bytes()
    machine.start()
    machine.settle()

    assert len(came) == 1000
    assert came != whole[:1000]
    assert not list(part.parent.glob("bootstrap*"))
