"""All tills of a location start from one file; what is a till's own comes beside it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desktop.sync.http_endpoint import HttpEndpoint
from migrations.replica import schema_fingerprint
from shared.kernel.errors import Unavailable
from shared.organization.commands import Workspace
from shared.pos.tables import SHIFT, ShiftRow
from shared.storage.reader import Reader
from shared.sync.apply import held_digests
from shared.sync.cursor import Cursor
from shared.sync.protocol.bootstrap import BootstrapFile
from sync_server import feed
from sync_server.auth.tokens import Identity
from sync_server.settings import Settings, objects_folder
from sync_server.sync.bootstrap import Bootstraps
from sync_server.tenancy import start_new_epoch
from tests.desktop.sync.machine import Machine
from tests.desktop.sync.starting import Line, app, ask, cable, make_file, objects_of, settings
from tests.support.cable import Cable
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

__all__ = ["app", "cable", "client", "listening", "migrated_url", "served", "server_database"]
__all__ += ["settings", "site"]


@pytest.fixture
def till(site: Site, cable: Cable, tmp_path: Path) -> Iterator[Machine]:
    """A paired till in a shop with much at each of its locations."""
    stir(site, add_shifts(stock_up(site)))
    made = Machine(site, tmp_path / "till", cable)
    made.pair(site.code(Workspace.KIOSK))
    yield made
    made.stop()
    made.work.close()


def _shift_notes(reader: Reader) -> list[tuple[str, str]]:
    return sorted((row.shift_id, row.note) for row in reader.find(ShiftRow))


def _held(machine: Machine) -> dict[tuple[str, str], tuple[int, int]]:
    """Counts and sums of what the machine's replica holds."""
    return machine.work.ask(lambda bench: held_digests(bench.files.replica)).result()


def test_a_till_starts_from_the_file_of_its_location(till: Machine, settings: Settings) -> None:
    file = make_file(till, settings)
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
    file = make_file(till, settings, tenant_only)
    bootstraps = Bootstraps(
        site.server.database,
        site.server.clock,
        objects_of(settings),
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
        ask(till, line)
    stir(site, shifts)
    line.breaks_after = None
    ask(till, line)
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
    lost = make_file(till, settings)
    till.start()
    till.settle()
    start_new_epoch(site.server.owner, site.tenant, now=site.server.clock.now())
    stir(site, add_shifts(site))
    file = make_file(till, settings)
    status = till.settle()

    assert status.mismatches == ()
    assert status.fetched_bytes == file.size_bytes
    assert Cursor.parse(file.cursor).epoch > Cursor.parse(lost.cursor).epoch
    assert len(till.work.fetch(_shift_notes).result()) == 10
