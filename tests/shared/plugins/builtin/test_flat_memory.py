"""Files far larger than memory should be: what is held does not grow with them."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import psutil
import pytest

from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.points.importer import Importer, ImportTotals, OrderDraft, Progress
from tests.shared.plugins.reading import GBP

MEGABYTE = 2**20
FILE_BYTES = 200 * MEGABYTE
GROWTH_BYTES = 40 * MEGABYTE


def invoice_rows() -> Iterator[str]:
    yield "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    for number in range(500_000, 2_000_000):
        for line in range(15):
            yield (
                f"{number},{10000 + line}A,CREAM CUPID HEARTS COAT HANGER {line},{line + 1},"
                f"12/1/10 {number % 24}:{line + 10},{number % 90}.{line + 10},17850,France\n"
            )


def product_rows() -> Iterator[str]:
    yield "Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Barcode,"
    yield "Variant Price,Image Src\n"
    for number in range(10_000_000):
        body = "<p>" + "Made by hand from oiled oak. " * 20 + "</p>"
        for size in "SML":
            first = ("Board", body, "Size") if size == "S" else ("", "", "")
            yield (
                f"board-{number},{','.join(first)},{size},SKU-{number}-{size},"
                f"SHELF-{number}-{size},{number % 90}.50,https://x.org/{number}/{size}\n"
            )


def written(path: Path, rows: Iterator[str], size: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        while file.tell() < size:
            file.write("".join(islice(rows, 20_000)))
    return path


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("importer", "rows"), [(InvoiceLines(), invoice_rows), (ShopifyProducts(), product_rows)]
)
def test_memory_stays_flat_over_200_megabytes(
    tmp_path: Path, importer: Importer, rows: Callable[[], Iterator[str]]
) -> None:
    path = written(tmp_path / "large.csv", rows(), FILE_BYTES)
    process = psutil.Process()
    events = importer.read(path, GBP)
    next(events)
    before = process.memory_info().rss
    growth = 0
    totals: ImportTotals | None = None

    for event in events:
        if isinstance(event, Progress):
            growth = max(growth, process.memory_info().rss - before)
        elif isinstance(event, ImportTotals):
            totals = event

    path.unlink()
    assert totals is not None
    assert totals.rows_read > 500_000
    assert totals.rows_refused == 0
    assert growth < GROWTH_BYTES


def test_a_large_reading_can_be_cancelled_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "large.csv", invoice_rows(), 5 * MEGABYTE)
    events = InvoiceLines().read(path, GBP)
    orders = 0
    furthest = 0

    for event in events:
        orders += isinstance(event, OrderDraft)
        if isinstance(event, Progress):
            furthest = event.bytes_read
        if orders == 10:
            break
    del events

    assert furthest < MEGABYTE
