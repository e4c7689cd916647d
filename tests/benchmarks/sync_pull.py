"""How fast a device takes in what others changed, digests compared, beside raw copy and insert."""

import time
from collections.abc import Sequence

from shared.catalog.commands import ChangePrice
from shared.catalog.tables import VariantRow
from shared.kernel.ids import VariantId
from shared.storage.reader import Reader
from shared.sync.state import SyncState
from tests.benchmarks.child import tell
from tests.benchmarks.result import BenchResult, measured
from tests.benchmarks.sync_ceilings import copied_rows_per_s, inserted_rows_per_s
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_stage import Goods, Stage, stage

PRODUCTS = 5_000
RUNS = 5
FEW = 1_000
ROWS_PER_COMMIT = 50


def figures() -> list[BenchResult]:
    """A back office with 5,000 products is away while their prices change, and comes back."""
    with stage() as opened:
        goods = opened.goods(PRODUCTS)
        device = RealDevice(goods, opened.folder / "office", opened.address)
        device.pair()
        device.start()
        all_of_them, few = goods.variant_ids, goods.variant_ids[:FEW]
        _seconds(device, goods, few, price=1)
        many = [
            PRODUCTS / _seconds(device, goods, all_of_them, price=2 + run)[0] for run in range(RUNS)
        ]
        spent = [_seconds(device, goods, few, price=10 + run) for run in range(RUNS)]
        results = [*_rates(opened, device, goods, many=many), *_catch_up(spent)]
        assert device.status.mismatches == ()
        device.close()
        return results


def _seconds(
    device: RealDevice, goods: Goods, variant_ids: Sequence[VariantId], *, price: int
) -> tuple[float, float]:
    """Wall time from the request to rows on the screens, and processor time of the client."""
    device.engine.pause()
    device.until(lambda status: status.state is SyncState.PAUSED)
    seq = 0
    for first in range(0, len(variant_ids), ROWS_PER_COMMIT):
        some = variant_ids[first : first + ROWS_PER_COMMIT]
        seq = goods.site.run(*(ChangePrice(variant_id=each, price_amount=price) for each in some))
    cpu, started = time.process_time(), time.perf_counter()
    device.engine.resume()
    device.until(lambda status: status.cursor.seq >= seq)
    spent = device.changed_at - started, time.process_time() - cpu
    assert device.work.fetch(_price_of, variant_ids[-1]).result() == price
    return spent


def _price_of(reader: Reader, variant_id: VariantId) -> int:
    return reader.require(VariantRow, variant_id).price_amount


def _variants(reader: Reader) -> list[tuple[object, ...]]:
    return [tuple(row) for row in reader.text("SELECT * FROM variant")]


def _rates(
    opened: Stage, device: RealDevice, goods: Goods, *, many: list[float]
) -> list[BenchResult]:
    after = device.status.cursor.seq - PRODUCTS // ROWS_PER_COMMIT
    url, tenant_id = opened.server.url, goods.site.tenant_id
    copies = [copied_rows_per_s(url, tenant_id, after=after) for _ in range(RUNS)]
    rows = device.work.fetch(_variants).result()
    inserts = [inserted_rows_per_s(opened.folder, rows) for _ in range(RUNS)]
    return [
        measured(
            "incremental pull and apply, with digests",
            "rows/s",
            many,
            better="higher",
            target=20_000,
            ceiling=1 / (1 / max(copies) + 1 / max(inserts)),
        ),
        measured("  raw COPY of the log", "rows/s", copies, better="higher"),
        measured("  raw SQLite insert, encrypted", "rows/s", inserts, better="higher"),
    ]


def _catch_up(spent: list[tuple[float, float]]) -> list[BenchResult]:
    return [
        measured(
            "catch-up of 1,000 rows, request to visible",
            "ms",
            [wall * 1000 for wall, _cpu in spent],
            better="lower",
            target=100,
        ),
        measured(
            "  client processor time", "ms", [cpu * 1000 for _wall, cpu in spent], better="lower"
        ),
    ]


if __name__ == "__main__":
    tell(figures())
