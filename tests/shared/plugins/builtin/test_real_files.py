"""Real files end to end, against totals added up a second time with nothing but csv and Decimal."""

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from shared.plugins.builtin.csv_table import CsvTable
from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.builtin.shopify_rows import has_sound_check_digit
from shared.plugins.points.importer import ImportSettings
from tests.shared.plugins.reading import GBP, REAL_FILES, SEED, Outcome, read


def here(path: Path) -> Path:
    """The file, or a skipped test where only the project itself is at hand."""
    if not path.exists():
        pytest.skip(f"{path.name} is not at hand")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return list(csv.DictReader(text.splitlines(keepends=True)))


def check_invoices(path: Path) -> Outcome:
    rows = rows_of(path)
    money = sum((int(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in rows), Decimal(0))
    seen: Counter[tuple[str, ...]] = Counter(tuple(row.values()) for row in rows)
    by_number: Counter[str] = Counter()
    for row in rows:
        by_number[row["InvoiceNo"]] += int(row["Quantity"]) * int(Decimal(row["UnitPrice"]) * 100)

    found = read(InvoiceLines(), path)

    totals = found.totals
    assert (totals.rows_read, totals.rows_accepted, totals.rows_refused) == (len(rows),) * 2 + (0,)
    assert totals.source_total == totals.imported_total == money
    assert totals.rounding_total == totals.refused_total == 0
    assert {
        order.number: sum(line.line_amount for line in order.lines) for order in found.orders
    } == dict(by_number)
    assert totals.remarks["import_row_repeated"] == len(rows) - len(seen)
    assert sum(order.customer_code is None for order in found.orders) == len(
        {row["InvoiceNo"] for row in rows if not row["CustomerID"]}
    )
    for order in found.orders:
        assert (order.kind == "cancellation") == order.number.startswith("C")
        assert [rows[row - 2]["InvoiceNo"] for row in order.source_rows] == [order.number] * len(
            order.source_rows
        )
    return found


def test_the_seeds_invoice_lines_reconcile() -> None:
    found = check_invoices(SEED / "invoice-lines.csv")

    assert found.totals.source_total == Decimal("10117.37")
    assert found.totals.drafts_made == 52
    kinds = {line.kind for order in found.orders for line in order.lines}
    assert kinds == {"goods", "shipping", "discount", "fee", "adjustment"}


def test_four_months_of_a_wholesalers_invoices_reconcile() -> None:
    found = check_invoices(here(REAL_FILES / "online-retail.csv.gz"))

    totals = found.totals
    assert totals.rows_read == 142_083
    assert totals.source_total == Decimal("2490287.01")
    assert totals.drafts_made == 6877
    assert totals.remarks == {
        "import_row_repeated": 1284,
        "import_line_without_title": 469,
        "import_negative_without_cancellation": 348,
        "import_order_differs": 23,
        "import_text_damaged": 9,
    }
    assert sum(order.kind == "cancellation" for order in found.orders) == 1123
    unknown = {order.country for order in found.orders if order.country_code is None}
    assert unknown == {"Channel Islands"}


def check_products(path: Path, price: str, settings: ImportSettings) -> Outcome:
    rows = rows_of(path)
    money = sum((Decimal(row[price]) for row in rows if row[price]), Decimal(0))

    found = read(ShopifyProducts(), path, settings)

    totals = found.totals
    assert totals.rows_read == totals.rows_accepted == len(rows)
    assert totals.source_total == totals.imported_total == money
    assert (found.refusals, found.remarks) == ([], [])
    variants = [variant for product in found.products for variant in product.variants]
    assert [variant.price_amount for variant in variants] == [
        int(Decimal(row[price]) * 100) for row in rows if row[price]
    ]
    return found


def test_a_real_shops_export_is_taken_over_whole() -> None:
    path = here(REAL_FILES / "shopify-products.csv")
    found = check_products(path, "Variant Price", ImportSettings("USD"))

    assert found.totals.rows_read == 21
    assert found.totals.source_total == Decimal("2345.84")
    assert found.totals.drafts_made == 20
    (gloves,) = (product for product in found.products if product.handle == "gardening-gloves")
    assert gloves.option_names == ("Color",)
    assert [
        (variant.option_values, variant.price_amount, variant.on_hand_qty)
        for variant in gloves.variants
    ] == [(("Green",), 999, 1), (("Yellow",), 1599, 3)]
    assert [media.position for media in gloves.media] == [1, 2]


def test_the_seeds_catalog_is_taken_over_whole() -> None:
    found = check_products(SEED / "products.csv", "Price", GBP)

    assert found.totals.drafts_made == 62
    assert found.totals.source_total == Decimal("518.79")
    variants = [variant for product in found.products for variant in product.variants]
    assert {variant.tax_code for variant in variants} == {"standard", "reduced"}
    barcodes = [variant.barcode for variant in variants if variant.barcode]
    assert len(barcodes) == len(set(barcodes)) == 80
    assert all(len(code) == 13 and has_sound_check_digit(code) for code in barcodes)


def test_the_seeds_past_sales_find_variants_of_its_catalog() -> None:
    products = read(ShopifyProducts(), SEED / "products.csv").products
    orders = read(InvoiceLines(), SEED / "invoice-lines.csv").orders

    known = {variant.sku for product in products for variant in product.variants}
    sold = {line.sku for order in orders for line in order.lines if line.kind == "goods"}
    assert len(known & sold) >= 20


def test_a_real_file_of_another_kind_fits_no_importer() -> None:
    path = here(REAL_FILES / "grocery-products.csv.gz")

    with CsvTable(path, GBP) as table:
        assert [each.detect(table.header) for each in (ShopifyProducts(), InvoiceLines())] == [0, 0]
