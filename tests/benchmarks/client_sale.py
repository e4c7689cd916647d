"""How long a sale of three lines takes until it is on the disk, beside the disk's own time."""

import os
import time
from pathlib import Path

from desktop.work import Work
from shared.kernel.ids import OrderId, OrderLineId, ReceiptId, ShiftId, new_id
from shared.organization.commands import Workspace
from shared.payments.commands import TenderKind
from shared.pos.commands import CompleteSale, OpenShift, SaleLine, Tender
from tests.benchmarks.child import tell
from tests.benchmarks.client_shop import (
    PRODUCTS,
    Device,
    device,
    price_of,
    product_row,
    variant_id_of,
)
from tests.benchmarks.client_words import number_of
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib, percentile

RUNS = 5
SALES = 60
BEYOND_DISK_MS = 30.0
# About what one sale adds to the journal's write-ahead log.
_BLOCK = os.urandom(16_384)


def figures() -> list[BenchResult]:
    """Five runs of sixty sales; after each sale one write of our own to the same disk."""
    with device(Workspace.KIOSK) as till, till.opened() as (_desk, work):
        shift_id = ShiftId(new_id())
        _submit(work, till, OpenShift(shift_id=shift_id, opening_float_amount=10_000))
        for turn in range(20):
            _submit(work, till, _sale(shift_id, -1 - turn))
        sales: list[list[float]] = []
        disk: list[list[float]] = []
        for run in range(RUNS):
            sales.append([])
            disk.append([])
            for turn in range(SALES):
                sale = _sale(shift_id, run * SALES + turn)
                started = time.perf_counter()
                _submit(work, till, sale)
                sales[-1].append((time.perf_counter() - started) * 1000)
                disk[-1].append(_fsync_ms(till.profile.folder / "fsync.bin"))
    slow_disk = percentile([ms for run in disk for ms in run], 0.95)
    return [
        measured("sale of 3 lines on the disk, p50", "ms", _each(sales, 0.5), better="lower"),
        measured(
            "sale of 3 lines on the disk, p95",
            "ms",
            _each(sales, 0.95),
            better="lower",
            target=round(slow_disk + BEYOND_DISK_MS, 1),
            ceiling=slow_disk,
        ),
        measured("the disk's own fsync of 16 KiB, p95", "ms", _each(disk, 0.95), better="lower"),
        measured("memory of 300 sales", "MiB", [peak_memory_mib()], better="lower"),
    ]


def _each(runs: list[list[float]], share: float) -> list[float]:
    return [percentile(run, share) for run in runs]


def _submit(work: Work, till: Device, command: OpenShift | CompleteSale) -> None:
    work.submit(command, actor_id=till.shop.owner_id).result(60)


def _sale(shift_id: ShiftId, turn: int) -> CompleteSale:
    lines = tuple(_line(number_of("sold", turn, place) % PRODUCTS) for place in range(3))
    total = sum(line.unit_price_amount for line in lines)
    return CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=lines,
        tenders=(Tender(kind=TenderKind.CASH, amount=total, given_amount=total),),
        total_amount=total,
    )


def _line(number: int) -> SaleLine:
    price = price_of(number)
    return SaleLine(
        order_line_id=OrderLineId(new_id()),
        variant_id=variant_id_of(number),
        title=product_row(number).title,
        sku=None,
        qty=1,
        qty_exponent=0,
        unit_price_amount=price,
        list_price_amount=price,
        tax_code="standard",
        tax_rate_ppm=190_000,
    )


def _fsync_ms(path: Path) -> float:
    """Append to a file and wait for the disk, as the journal's log does."""
    with path.open("ab") as file:
        file.write(_BLOCK)
        file.flush()
        started = time.perf_counter()
        os.fsync(file.fileno())
        return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    tell(figures())
