"""Importing a file: the rehearsal tells exactly what the run then does, to the cent."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, TypeVar

import pytest

from shared.catalog.commands import ImportProducts
from shared.catalog.queries import product_detail, product_ids
from shared.imports.commands import UndoImport
from shared.imports.queries import recent_imports
from shared.imports.tables import ImportState
from shared.inventory.queries import on_hand_by_product
from shared.kernel.errors import Rejected
from shared.kernel.ids import ImportId, new_id
from shared.orders.queries import OrderFilter, by_number, order_detail, order_ids
from shared.plugins.builtin import IMPORTERS
from shared.plugins.points.importer import (
    ImportEvent,
    ImportSettings,
    ProductDraft,
    Progress,
    Refusal,
    Remark,
    choose_importer,
)
from shared.runtime.import_preview import Effects
from shared.runtime.import_run import ImportPlan, ImportReport, ImportRun, header_of
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite

T = TypeVar("T")
PRODUCTS = """Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
Variant Inventory Tracker,Variant Inventory Qty,Variant Barcode,Image Src,Status
mug,Mug,Color,Red,M-R,12.50,shopify,5,4006381333931,https://example.com/m.jpg,active
mug,,,Blue,M-B,10.00,shopify,7,,,
tea,Tea,,,T-1,3.99,shopify,9,,,active
bad,Bad,,,B-1,free,shopify,1,,,active
"""
INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,T-1,Tea,2,12/1/2010 8:26,3.99,17850,United Kingdom
1001,M-R,Mug,1,12/1/2010 8:26,12.50,17850,United Kingdom
1002,X,Loose,3,12/2/2010 9:00,0.333,,France
C1003,T-1,Tea,-1,12/3/2010 9:00,3.99,17850,United Kingdom
"""


class Desk:
    """A shop that imports files."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(empty_sqlite())
        self.folder = folder
        self.heard: list[Refusal | Remark | Progress] = []

    def plan(self, text: str, name: str = "file.csv") -> ImportPlan:
        path = self.folder / name
        content = text.encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        importer = choose_importer(IMPORTERS, header_of(path))
        assert importer is not None
        return ImportPlan(
            import_id=ImportId(new_id()),
            importer=importer,
            path=path,
            settings=ImportSettings("EUR"),
            location_id=self.shop.location_id,
        )

    def ask(self, query: Callable[..., T], /, *args: object) -> T:
        return query(Reader(self.shop.connection), *args)

    def rehearse(self, plan: ImportPlan) -> ImportReport:
        self.heard.clear()
        return ImportRun(plan, self.ask, self.heard.append).rehearse()

    def apply(self, plan: ImportPlan) -> ImportReport:
        rehearsed = self.rehearse(plan)
        run = ImportRun(plan, self.ask, self.heard.append)
        for command in run.commands(file_digest=rehearsed.totals.file_digest):
            self.shop.do(command)
        assert run.totals == rehearsed.totals
        return rehearsed

    def refused(self) -> list[tuple[int, str]]:
        return [(each.row, each.code) for each in self.heard if isinstance(each, Refusal)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_kind_of_a_file_is_known_by_its_header(desk: Desk) -> None:
    assert desk.plan(PRODUCTS).importer.id == "shopify_products"
    assert desk.plan(INVOICES).importer.id == "invoice_lines"


def test_a_rehearsal_tells_what_is_new_and_changes_nothing(desk: Desk) -> None:
    report = desk.rehearse(desk.plan(PRODUCTS))

    assert report.effects == Effects(
        products_new=2,
        variants_new=3,
        media_new=1,
        barcodes_new=1,
        stock_changed=3,
        stock_delta_qty=21,
    )
    assert desk.refused() == [(5, "import_price_malformed")]
    assert desk.shop.fetch(product_ids) == ()
    assert desk.shop.fetch(recent_imports) == ()


def test_prices_in_another_currency_than_the_shops_stay_out(desk: Desk) -> None:
    plan = replace(desk.plan(PRODUCTS), settings=ImportSettings("GBP"))

    with pytest.raises(Rejected) as refused:
        desk.rehearse(plan)

    assert (refused.value.code, refused.value.field) == ("import_currency_differs", "currency")
    assert refused.value.params == {"currency": "GBP", "store_currency": "EUR"}


def test_orders_may_be_in_another_currency_than_the_shops(desk: Desk) -> None:
    plan = replace(desk.plan(INVOICES), settings=ImportSettings("GBP"))

    desk.apply(plan)

    order = desk.shop.fetch(by_number, "1001")
    assert order is not None
    assert order.currency == "GBP"


def test_the_run_does_what_the_rehearsal_said(desk: Desk) -> None:
    report = desk.apply(desk.plan(PRODUCTS))

    assert report.totals.imported_total == Decimal("26.49")
    (run,) = desk.shop.fetch(recent_imports)
    assert run.state is ImportState.FINISHED
    assert (run.rows_read, run.rows_accepted, run.rows_refused) == (4, 3, 1)
    assert run.imported_total == "26.49"
    mug = desk.shop.fetch(product_ids)[0]
    assert [row.sku for row in desk.shop.fetch(product_detail, mug).variants] == ["M-R", "M-B"]
    assert desk.shop.fetch(on_hand_by_product, [mug]) == {mug: 12}


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.apply(desk.plan(PRODUCTS))

    again = desk.rehearse(desk.plan(PRODUCTS))

    assert again.effects == Effects(products_unchanged=2, variants_unchanged=3)


def test_a_changed_price_is_told_as_one_changed_product(desk: Desk) -> None:
    desk.apply(desk.plan(PRODUCTS))

    report = desk.rehearse(desk.plan(PRODUCTS.replace("3.99,shopify,9", "4.25,shopify,8")))

    assert report.effects == Effects(
        products_changed=1,
        products_unchanged=1,
        variants_changed=1,
        variants_unchanged=2,
        stock_changed=1,
        stock_delta_qty=-1,
    )


def test_a_barcode_of_another_product_stays_where_it_is(desk: Desk) -> None:
    desk.shop.product("Old mug", barcode="4006381333931")

    report = desk.rehearse(desk.plan(PRODUCTS))

    assert (report.effects.barcodes_new, report.effects.barcodes_kept) == (0, 1)


def test_orders_are_taken_over_with_their_own_money(desk: Desk) -> None:
    plan = desk.plan(INVOICES, "lines.csv.gz")

    report = desk.apply(plan)

    totals = report.totals
    assert totals.source_total == totals.imported_total + totals.refused_total + (
        totals.rounding_total
    )
    assert (totals.source_total, totals.imported_total) == (Decimal("17.489"), Decimal("17.49"))
    assert (report.effects.orders_new, report.effects.order_lines_new) == (3, 4)
    assert report.effects.customers_new == 1
    order = desk.shop.fetch(by_number, "1001")
    assert order is not None
    assert order.total_amount == 2048
    assert len(desk.shop.fetch(order_detail, order.order_id).lines) == 2


def test_orders_that_are_there_already_are_refused_row_by_row_and_reconciled(desk: Desk) -> None:
    desk.apply(desk.plan(INVOICES))
    grown = INVOICES + "1004,T-1,Tea,1,12/4/2010 9:00,3.99,17850,United Kingdom\n"

    report = desk.apply(desk.plan(grown))

    totals = report.totals
    assert (report.effects.orders_new, report.effects.orders_known) == (1, 3)
    assert (totals.rows_accepted, totals.rows_refused) == (1, 4)
    assert totals.refusals == {"order_number_taken": 4}
    assert totals.imported_total == Decimal("3.99")
    assert totals.rounding_total == 0
    assert totals.source_total == totals.imported_total + totals.refused_total
    assert (2, "order_number_taken") in desk.refused()
    assert len(desk.shop.fetch(order_ids, OrderFilter())) == 4


class Lenient:
    """An importer that lets a title through which the catalog refuses."""

    id = "lenient"
    title_key = "importer.lenient"

    def detect(self, header: Sequence[str]) -> int:
        return 0

    def read(self, source: Path | BinaryIO, settings: ImportSettings) -> Iterator[ImportEvent]:
        for event in IMPORTERS[0].read(source, settings):
            if isinstance(event, ProductDraft) and event.handle == "tea":
                yield replace(event, title="T" * 300)
            else:
                yield event


def test_what_the_catalog_refuses_is_refused_in_the_rehearsal_already(desk: Desk) -> None:
    report = desk.apply(replace(desk.plan(PRODUCTS), importer=Lenient()))

    assert (4, "title_too_long") in desk.refused()
    assert report.effects.products_new == 1
    assert report.totals.refusals == {"import_price_malformed": 1, "title_too_long": 1}
    assert report.totals.imported_total == Decimal("22.50")
    assert report.totals.refused_total == Decimal("3.99")


def test_a_file_that_changed_since_the_rehearsal_is_not_applied(desk: Desk) -> None:
    plan = desk.plan(PRODUCTS)
    digest = desk.rehearse(plan).totals.file_digest
    plan.path.write_text(PRODUCTS.replace("3.99", "0.99"))

    with pytest.raises(Rejected, match="import_file_changed"):
        next(ImportRun(plan, desk.ask, desk.heard.append).commands(file_digest=digest))


def test_a_stopped_run_can_be_undone(desk: Desk) -> None:
    plan = desk.plan(PRODUCTS)
    digest = desk.rehearse(plan).totals.file_digest
    commands = ImportRun(plan, desk.ask, desk.heard.append).commands(file_digest=digest)
    for _ in range(2):
        desk.shop.do(next(commands))
    commands.close()
    assert len(desk.shop.fetch(product_ids)) == 2

    desk.shop.do(UndoImport(import_id=plan.import_id))

    assert desk.shop.fetch(product_ids) == ()


def test_a_long_file_goes_out_in_batches_of_bounded_size(desk: Desk) -> None:
    rows = "".join(f"p{n},Product {n},,,S{n},1.00,shopify,1,,,active\n" for n in range(1200))
    plan = desk.plan(PRODUCTS.splitlines(keepends=True)[0] + rows)
    run = ImportRun(plan, desk.ask, desk.heard.append)
    digest = desk.rehearse(plan).totals.file_digest

    batches = [
        each for each in run.commands(file_digest=digest) if isinstance(each, ImportProducts)
    ]

    assert sum(len(batch.products) for batch in batches) == 1200
    assert max(len(batch.products) for batch in batches) <= 500
    assert len(batches) >= 3
    assert any(isinstance(each, Progress) for each in desk.heard)


def test_whoever_listens_can_end_the_run(desk: Desk) -> None:
    class Stopped(Exception):
        pass

    def stop(_: Refusal | Remark | Progress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        ImportRun(desk.plan(PRODUCTS), desk.ask, stop).rehearse()
