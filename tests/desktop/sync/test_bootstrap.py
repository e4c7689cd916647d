"""A device starts from the server's file: fetched in pieces, checked, and never in anyone's way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.files import SIGNING_KEY
from desktop.sync.http_endpoint import HttpEndpoint
from shared.customers.commands import SaveCustomer
from shared.customers.tables import CustomerRow
from shared.kernel.errors import Unavailable
from shared.kernel.ids import CustomerId, new_id
from shared.storage.reader import Reader
from shared.sync.protocol.bootstrap import BootstrapState
from sync_server.app import create_app
from sync_server.bootstrap_files import file_name, public_text
from sync_server.jobs.compaction import compact
from sync_server.serving import SyncServer, listening_at
from sync_server.settings import Settings, objects_folder
from sync_server.tenancy import start_new_epoch
from tests.desktop.sync.machine import Machine
from tests.desktop.sync.starting import Line, app, ask, cable, make_file, settings
from tests.support.cable import Cable
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

__all__ = ["app", "cable", "client", "listening", "migrated_url", "served", "server_database"]
__all__ += ["settings", "site"]


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
    make_file(machine, settings)
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
    make_file(machine, settings)
    line = Line(HttpEndpoint(machine.identity, machine.key, machine.clock))
    line.breaks_after = 1000
    for _ in range(2):
        with pytest.raises(Unavailable, match="server_unreachable"):
            ask(machine, line)
    line.breaks_after = None
    offer = ask(machine, line)

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
    path = objects_folder(settings) / file_name(make_file(machine, settings))
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
    made = make_file(machine, settings)
    whole = (objects_folder(settings) / file_name(made)).read_bytes()
    line = Line(HttpEndpoint(machine.identity, machine.key, machine.clock))
    line.breaks_after = 1000
    with pytest.raises(Unavailable, match="server_unreachable"):
        ask(machine, line)
    part = machine.work.ask(lambda bench: bench.files.bootstrap_spot().part).result()
    came = part.read_bytes()
    machine.start()
    machine.settle()

    assert len(came) == 1000
    assert came != whole[:1000]
    assert not list(part.parent.glob("bootstrap*"))


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
