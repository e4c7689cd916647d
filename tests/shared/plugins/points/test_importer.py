"""The importer point: dry runs, choosing an importer, cancelling."""

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from shared.kernel.errors import Bug, Rejected
from shared.plugins.builtin import IMPORTERS
from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.points.importer import (
    Importer,
    ImportEvent,
    ImportSettings,
    ImportTotals,
    OrderDraft,
    Progress,
    choose_importer,
    dry_run,
)
from tests.shared.plugins.reading import GBP, SEED


class Breathless:
    """An importer that breaks the contract: it never says its totals."""

    id = "breathless"
    title_key = "importer.breathless"

    def detect(self, header: Sequence[str]) -> int:
        return len(header)

    def read(self, source: Path | BinaryIO, settings: ImportSettings) -> Iterator[ImportEvent]:
        yield Progress(0, None, 0)


def test_a_dry_run_gives_the_totals_of_the_whole_file() -> None:
    totals = dry_run(InvoiceLines(), SEED / "invoice-lines.csv", GBP)

    assert isinstance(totals, ImportTotals)
    assert totals.rows_read == 393


def test_a_dry_run_of_a_broken_file_raises_and_gives_no_totals(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes((SEED / "invoice-lines.csv").read_bytes() + b'"never closed')

    with pytest.raises(Rejected) as caught:
        dry_run(InvoiceLines(), broken, GBP)

    assert caught.value.code == "import_quote_unclosed"
    assert caught.value.params == {"row": 395}


def test_an_importer_without_totals_is_a_bug() -> None:
    with pytest.raises(Bug):
        dry_run(Breathless(), SEED / "products.csv", GBP)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (["Handle", "Title", "Variant SKU", "Variant Price"], "shopify_products"),
        (["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice"], "invoice_lines"),
        (["product_id", "department", "brand"], None),
        ([], None),
    ],
)
def test_the_importer_is_chosen_by_the_header(header: list[str], chosen: str | None) -> None:
    found = choose_importer(IMPORTERS, header)

    assert (found.id if found else None) == chosen


def test_nothing_is_chosen_where_nothing_is_offered() -> None:
    assert choose_importer((), ["Title", "Price"]) is None


def test_ids_are_unique() -> None:
    offered: Sequence[Importer] = IMPORTERS

    assert len({importer.id for importer in offered}) == len(offered)


def test_closing_the_iterator_cancels_and_lets_go_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes((SEED / "invoice-lines.csv").read_bytes())
    events = InvoiceLines().read(path, GBP)
    assert any(isinstance(event, OrderDraft) for event in events)

    more = InvoiceLines().read(path, GBP)
    next(more)
    del more, events
    gc.collect()

    # A file left open would warn here, and a warning fails the test.
    path.unlink()
    assert not path.exists()
