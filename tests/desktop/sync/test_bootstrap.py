"""A device starts from the server's file: fetched in pieces, checked, and never in anyone's way."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from desktop.sync.bootstrap import begin_from_file
from desktop.sync.http_endpoint import HttpEndpoint
from migrations.replica import schema_fingerprint
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.errors import Unavailable
from shared.kernel.ids import CustomerId, new_id
from shared.organization.commands import Workspace
from shared.pos.tables import SHIFT, ShiftRow
from shared.storage.reader import Reader
from shared.sync.apply import held_digests
from shared.sync.cursor import Cursor
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer, BootstrapState
from shared.sync.scopes import shareable
from sync_server import feed
from sync_server.app import create_app
from sync_server.auth.tokens import Identity
from sync_server.bootstrap_files import file_name
from sync_server.jobs.bootstrap import build
from sync_server.jobs.compaction import compact
from sync_server.objects import FolderStore
from sync_server.serving import SyncServer, listening_at
from sync_server.settings import Settings, objects_folder
from sync_server.sync.bootstrap import Bootstraps
from sync_server.tenancy import start_new_epoch
from tests.desktop.sync.machine import Machine
from tests.support.cable import Cable
from tests.support.databases import ServerDatabase
from tests.support.loopback import QUICK
from tests.sync_server.conftest import (
    client,
    listening,
    migrated_url,
    served,
    server_database,
    site,
)
from tests.sync_server.devices import Site
from tests.sync_server.filled_shop import add_shifts, stir, stock_up, tenant_only

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


@pytest.fixture
def till(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    """A paired till in a shop with much at each of its locations."""
    stir(site, add_shifts(stock_up(site)))
    made = Machine(site, tmp_path / "till", cable)
    made.pair(site.code(Workspace.KIOSK))
    yield made
    made.stop()
    made.work.close()


def _customer(name: str) -> SaveCustomer:
    return SaveCustomer(customer_id=CustomerId(new_id()), name=name)


def _names(reader: Reader) -> set[str]:
    return {row.name for row in reader.find(CustomerRow)}


def _objects(settings: Settings) -> FolderStore:
    return FolderStore(objects_folder(settings))


Share = Callable[[Sequence[str]], tuple[str, ...]]


def _make_file(machine: Machine, settings: Settings, share: Share = shareable) -> BootstrapFile:
    """Have the server make the file, as its own process does."""
    server, identity = machine.site.server, machine.identity
    made = build(
        server.database,
        _objects(settings),
        server.clock,
        tenant_id=identity.tenant_id,
        scopes=share(identity.scopes),
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
        self.offer: BootstrapOffer | None = None

    def hear(self, here: int, size: int) -> None:
        self.heard.append((here, size))

    async def bootstrap(self, *, schema: str) -> BootstrapOffer:
        if self.offer is not None:
            return self.offer
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


# -- tills -----------------------------------------------------------------------------------------


def _shift_notes(reader: Reader) -> list[tuple[str, str]]:
    return sorted((row.shift_id, row.note) for row in reader.find(ShiftRow))


def _held(machine: Machine) -> dict[tuple[str, str], tuple[int, int]]:
    """Counts and sums of what the machine's replica holds."""
    return machine.work.ask(lambda bench: held_digests(bench.files.replica)).result()


def test_a_till_starts_from_the_file_of_its_location(till: Machine, settings: Settings) -> None:
    file = _make_file(till, settings)
    till.start()
    status = till.settle()

    assert 0 < status.fetched_bytes == status.file_bytes == file.size_bytes
    assert status.mismatches == ()
    assert file.scopes == ("tenant", f"location:{till.site.location_ids[0]}")
    assert len(till.work.fetch(_shift_notes).result()) == 5
    assert len(list(objects_folder(settings).rglob("*.zst"))) == 1


def test_rows_that_come_beside_the_file_outlive_cuts_and_agree_with_the_server(
    till: Machine, settings: Settings, site: Site
) -> None:
    shifts = add_shifts(site)
    file = _make_file(till, settings, tenant_only)
    bootstraps = Bootstraps(
        site.server.database,
        site.server.clock,
        _objects(settings),
        ask_for=lambda *_: True,
        fewest_rows=1,
        shareable=tenant_only,
    )
    who = Identity(till.identity.tenant_id, till.identity.device_id, till.clock.now())
    line = StoreLine(HttpEndpoint(till.identity, till.key, till.clock), bootstraps, who)
    line.offer = bootstraps.offer(who, schema=schema_fingerprint())
    assert line.offer.file == file
    assert len(line.offer.beside) == 1
    line.breaks_after = 1000
    with pytest.raises(Unavailable, match="server_unreachable"):
        _ask(till, line)
    stir(site, shifts)
    line.breaks_after = None
    _ask(till, line)
    till.start()
    status = till.settle()

    assert line.starts == [0, 1000]
    assert status.mismatches == ()
    with site.server.database.tenant_snapshot(site.tenant_id) as connection:
        here = site.location_ids[0]
        kept = Reader(connection).find(ShiftRow, SHIFT.c.location_id == here)
        kept_sums = {
            (each.scope, each.table): (each.row_count, each.digest_sum)
            for each in feed.digests(connection, till.identity.scopes)
            if each.row_count
        }
    assert till.work.fetch(_shift_notes).result() == sorted((r.shift_id, r.note) for r in kept)
    assert _held(till) == kept_sums


class StoreLine(Line):
    """A line on which the files of another choice of scopes lie."""

    def __init__(self, endpoint: HttpEndpoint, bootstraps: Bootstraps, who: Identity) -> None:
        super().__init__(endpoint)
        self._bootstraps = bootstraps
        self._who = who

    async def bootstrap_file(self, file: BootstrapFile, *, start: int) -> AsyncIterator[bytes]:
        self.starts.append(start)
        with self._bootstraps.open(self._who, cursor=file.cursor) as opened:
            opened.seek(start)
            block = opened.read()
        yield block[: self.breaks_after]
        if self.breaks_after is not None:
            raise Unavailable("server_unreachable")


def test_a_restored_server_fills_a_till_again_from_a_file_of_the_new_history(
    till: Machine, settings: Settings, site: Site
) -> None:
    lost = _make_file(till, settings)
    till.start()
    till.settle()
    start_new_epoch(site.server.owner, site.tenant, now=site.server.clock.now())
    stir(site, add_shifts(site))
    file = _make_file(till, settings)
    status = till.settle()

    assert status.mismatches == ()
    assert status.fetched_bytes == file.size_bytes
    assert Cursor.parse(file.cursor).epoch > Cursor.parse(lost.cursor).epoch
    assert len(till.work.fetch(_shift_notes).result()) == 10


def test_a_device_whose_server_cannot_get_at_its_files_takes_the_pages_in_the_end(
    machine: Machine, site: Site, tmp_path: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    away = Settings(
        data_folder=tmp_path / "other",
        database_url=site.server.url,
        bootstrap_rows=1,
        objects_url="s3://out-of-reach",
        objects_endpoint="http://127.0.0.1:1",
    )
    with another_server(away, site) as port:
        machine.cable.target_port = port
        machine.start(replace(QUICK, longest_for_a_file=0.2))
        status = machine.settle()

    assert status.file_bytes == 0
    assert status.mismatches == ()
    assert len(machine.work.fetch(_names).result()) == 200


@contextmanager
def another_server(settings: Settings, site: Site) -> Iterator[int]:
    """The port of a second server for the same database."""
    server = SyncServer(create_app(settings, clock=site.server.clock))
    with listening_at("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()
