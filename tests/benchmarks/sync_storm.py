"""Five hundred devices are told at once to fill anew, by a server that has others to serve."""

import asyncio
import time

import sqlalchemy as sa

from shared.kernel.clock import SystemClock
from shared.organization.commands import Workspace
from shared.sync.scopes import TENANT, scopes_for
from sync_server.tenancy import schema_of, start_new_epoch
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured, percentile
from tests.benchmarks.sync_fill import Size, stock_up
from tests.benchmarks.sync_neighbour import Neighbour
from tests.benchmarks.sync_stage import Goods, Stage, stage
from tests.sync_server.devices import Site
from tests.sync_server.processes import run
from tests.sync_server.refilling import Refilled, crowd, refill_all

DEVICES = 500
SIZE = Size("60,000 rows", 15_000, 3, fill_s=1.2)
QUIET_S = 8
_FLUSHED_S = 11
"""PostgreSQL writes down within that what its connections have counted."""
_ROWS_READ = sa.text(
    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))"
    " FROM pg_stat_user_tables WHERE schemaname = :schema"
)


def figures() -> list[BenchResult]:
    """Back offices, stations and tills of two locations; their files are there when they come."""
    with stage() as opened:
        goods = Goods(Site(opened.server, opened.client))
        stock_up(goods, SIZE)
        tokens = crowd(goods.site, SystemClock(), DEVICES)
        neighbour = Neighbour(opened.goods(1))
        with neighbour.at_work(opened.address) as quiet:
            opened.wait(QUIET_S)
        lost = f"1.{goods.site.run()}"
        start_new_epoch(opened.server.owner, goods.site.tenant, now=SystemClock().now())
        _make_files(opened, goods.site)
        before, memory, cpu = _rows_read(opened, goods.site), opened.memory_mib(), opened.cpu_s()
        with neighbour.at_work(opened.address) as busy:
            started = time.perf_counter()
            filled = asyncio.run(refill_all(opened.address, tokens, lost=lost))
            seconds = time.perf_counter() - started
        cpu = opened.cpu_s() - cpu
        grown = opened.memory_mib() - memory
        read = _rows_read(opened, goods.site) - before
    return [
        *_served(filled, seconds=seconds, cpu_s=cpu),
        measured("  server memory grown by it", "MiB", [grown], better="lower", target=400),
        measured(
            "  rows the database read for each",
            "rows",
            [read / DEVICES],
            better="lower",
            target=100,
        ),
        *_others(quiet, busy),
    ]


def _served(filled: list[Refilled], *, seconds: float, cpu_s: float) -> list[BenchResult]:
    assert len({each.scopes for each in filled}) == 1 + 2
    mib = sum(each.file_bytes for each in filled) / (1 << 20)
    return [
        measured(
            f"{DEVICES} devices refill at once, {SIZE.name}, the last one",
            "s",
            [seconds],
            better="lower",
            target=60,
        ),
        measured("  served from files", "MiB", [mib], better="higher"),
        measured("  server processor time of each", "ms", [cpu_s * 1000 / DEVICES], better="lower"),
    ]


def _others(quiet: list[float], busy: list[float]) -> list[BenchResult]:
    return [
        measured(
            "  another tenant's requests before, p95",
            "ms",
            [percentile(quiet, 0.95)],
            better="lower",
        ),
        measured(
            f"  meanwhile, p95 of {len(busy)}",
            "ms",
            [percentile(busy, 0.95)],
            better="lower",
            target=250,
        ),
    ]


def _make_files(opened: Stage, site: Site) -> None:
    """What the first of each kind asks for."""
    kinds = [scopes_for(Workspace.MERCHANT, None, None)]
    kinds += [(TENANT, f"location:{each}") for each in site.location_ids]
    for scopes in kinds:
        named = [f"--scope={scope}" for scope in scopes]
        done = run(opened.server.url, "bootstrap", "--tenant-id", site.tenant_id, *named)
        assert done.returncode == 0, done.stderr


def _rows_read(opened: Stage, site: Site) -> int:
    opened.wait(_FLUSHED_S)
    with opened.server.owner.connect() as connection:
        schema = schema_of(site.tenant_id)
        return int(connection.execute(_ROWS_READ, {"schema": schema}).scalar_one())


if __name__ == "__main__":
    tell(figures())
