"""Drafts written as CSV come back as the same drafts, and noise never breaks the reconciliation."""

import io
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Rejected
from shared.kernel.money import format_plain
from shared.plugins.builtin import IMPORTERS
from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.builtin.shopify_products import ShopifyProducts
from shared.plugins.points.importer import (
    ImportEvent,
    ImportSettings,
    ImportTotals,
    MediaDraft,
    OrderDraft,
    OrderLineDraft,
    ProductDraft,
    VariantDraft,
    choose_importer,
)
from tests.shared.plugins.builtin.invoices import HEADER
from tests.shared.plugins.builtin.shops import CLASSIC
from tests.shared.plugins.reading import GBP, lines, read, table

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="'\ufffd"),
    min_size=1,
    max_size=20,
)
OPTIONAL_AMOUNT = st.none() | st.integers(0, 10**9)
UTC_GBP = ImportSettings("GBP", zone="UTC")


@st.composite
def variants(draw: st.DrawFn, values: tuple[str, ...], row: int) -> VariantDraft:
    return VariantDraft(
        option_values=values,
        sku=draw(st.none() | st.just(f"SKU-{row}")),
        barcode=draw(st.none() | st.just(f"SHELF-{row}")),
        price_amount=draw(st.integers(0, 10**9)),
        compare_at_amount=draw(OPTIONAL_AMOUNT),
        cost_amount=draw(OPTIONAL_AMOUNT),
        weight_grams=draw(st.none() | st.integers(0, 10**6)),
        is_stock_tracked=draw(st.booleans()),
        on_hand_qty=draw(st.integers(-1000, 10**6)),
        allows_oversell=draw(st.booleans()),
        is_taxable=draw(st.booleans()),
        tax_code=draw(st.none() | st.just("standard")),
        requires_shipping=draw(st.booleans()),
        image_url=draw(st.none() | st.just(f"https://x.org/v{row}")),
        extra={},
        source_row=row,
    )


@st.composite
def catalogs(draw: st.DrawFn) -> list[ProductDraft]:
    products: list[ProductDraft] = []
    row = 2
    for number in range(draw(st.integers(0, 4))):
        names = draw(st.lists(WORDS, max_size=3, unique_by=str.casefold))
        combinations = st.tuples(*[WORDS for _ in names])
        values = draw(st.lists(combinations, min_size=1, max_size=4 if names else 1, unique=True))
        if names[:1] and names[0].casefold() == "title":
            names[0] = "Size"
        drawn = tuple(draw(variants(each, row + place)) for place, each in enumerate(values))
        pictures = draw(st.integers(0, len(drawn) + 2))
        rows = max(len(drawn), pictures)
        products.append(
            ProductDraft(
                handle=f"product-{number}",
                title=draw(WORDS),
                description_html=draw(WORDS),
                vendor=draw(WORDS),
                product_type=draw(WORDS),
                tags=tuple(draw(st.lists(st.sampled_from("abcd"), unique=True))),
                status=draw(st.sampled_from(["active", "draft", "archived"])),
                option_names=tuple(names),
                variants=drawn,
                media=tuple(
                    MediaDraft(f"https://x.org/{number}/{place}", place, f"View {place}")
                    for place in range(1, pictures + 1)
                ),
                extra={},
                source_rows=tuple(range(row, row + rows)),
            )
        )
        row += rows
    return products


def variant_cells(variant: VariantDraft) -> dict[str, object]:
    def money(amount: int | None) -> str:
        return "" if amount is None else format_plain(amount, "GBP")

    return {
        **{f"Option{n} Value": value for n, value in enumerate(variant.option_values, start=1)},
        "Variant SKU": variant.sku or "",
        "Variant Barcode": variant.barcode or "",
        "Variant Price": money(variant.price_amount),
        "Variant Compare At Price": money(variant.compare_at_amount),
        "Cost per item": money(variant.cost_amount),
        "Variant Grams": "" if variant.weight_grams is None else variant.weight_grams,
        "Variant Inventory Tracker": "shopify" if variant.is_stock_tracked else "",
        "Variant Inventory Qty": variant.on_hand_qty,
        "Variant Inventory Policy": "continue" if variant.allows_oversell else "deny",
        "Variant Taxable": variant.is_taxable,
        "Variant Tax Code": variant.tax_code or "",
        "Variant Requires Shipping": variant.requires_shipping,
        "Variant Image": variant.image_url or "",
    }


def product_rows(product: ProductDraft) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"Handle": product.handle} for _ in product.source_rows]
    rows[0] |= {
        "Title": product.title,
        "Body (HTML)": product.description_html,
        "Vendor": product.vendor,
        "Type": product.product_type,
        "Tags": ", ".join(product.tags),
        "Status": product.status.upper(),
        **{f"Option{n} Name": name for n, name in enumerate(product.option_names, start=1)},
    }
    for place, variant in enumerate(product.variants):
        rows[place] |= variant_cells(variant)
    for place, media in enumerate(product.media):
        rows[place] |= {
            "Image Src": media.url,
            "Image Position": media.position,
            "Image Alt Text": media.alt_text,
        }
    return rows


@given(products=catalogs(), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_products_written_as_csv_come_back(products: list[ProductDraft], encoding: str) -> None:
    content = table(CLASSIC, *(row for product in products for row in product_rows(product)))

    found = read(ShopifyProducts(), content.encode(encoding))

    assert found.products == products
    assert found.totals.source_total == sum(
        (Decimal(each.price_amount) for product in products for each in product.variants),
        Decimal(0),
    ).scaleb(-2)


@st.composite
def histories(draw: st.DrawFn) -> list[OrderDraft]:
    orders: list[OrderDraft] = []
    row = 2
    for number in range(draw(st.integers(0, 5))):
        is_cancelled = draw(st.booleans())
        lines = []
        for place in range(draw(st.integers(1, 4))):
            qty = draw(st.integers(1, 10**5)) * (-1 if is_cancelled else 1)
            price = draw(st.integers(0, 10**8))
            lines.append(
                OrderLineDraft(
                    kind="goods",
                    sku=f"1000{place}",
                    title=draw(WORDS),
                    qty=qty,
                    unit_price_amount=price,
                    line_amount=qty * price,
                    source_row=row + place,
                )
            )
        minutes = draw(st.integers(0, 50 * 365 * 24 * 60))
        orders.append(
            OrderDraft(
                number=f"C{number}" if is_cancelled else str(number),
                kind="cancellation" if is_cancelled else "sale",
                placed_at=datetime.fromtimestamp(minutes * 60, UTC),
                customer_code=draw(st.none() | st.integers(1, 99999).map(str)),
                country="United Kingdom",
                country_code="GB",
                currency="GBP",
                lines=tuple(lines),
                source_rows=tuple(line.source_row for line in lines),
            )
        )
        row += len(lines)
    return orders


def order_rows(order: OrderDraft, *, is_iso: bool) -> list[dict[str, object]]:
    at = order.placed_at
    american = f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02}"
    return [
        {
            "InvoiceNo": order.number,
            "StockCode": line.sku,
            "Description": line.title,
            "Quantity": line.qty,
            "InvoiceDate": at.isoformat(" ") if is_iso else american,
            "UnitPrice": format_plain(line.unit_price_amount, "GBP"),
            "CustomerID": order.customer_code or "",
            "Country": order.country,
        }
        for line in order.lines
    ]


@given(orders=histories(), is_iso=st.booleans())
def test_orders_written_as_csv_come_back(orders: list[OrderDraft], *, is_iso: bool) -> None:
    rows = [row for order in orders for row in order_rows(order, is_iso=is_iso)]

    found = read(InvoiceLines(), table(HEADER, *rows), UTC_GBP)

    assert found.orders == orders
    assert found.totals.rows_refused == 0


NOISE = st.sampled_from(
    ["", "1", "-1", "2.55", "0.001", "1,5", "x", "C1", "12/1/10 8:26", "Title", "Default Title",
     "£3", "9e9", "\n", '"', "true", "a,b", "\x00", "\ufffd", "9" * 30]
)  # fmt: skip


@given(
    rows=st.lists(st.lists(NOISE, max_size=9), max_size=30),
    header=st.sampled_from([HEADER, CLASSIC[:14] + CLASSIC[19:20]]),
)
def test_noise_is_refused_row_by_row_and_still_reconciles(
    rows: list[list[str]], header: tuple[str, ...]
) -> None:
    importer = choose_importer(IMPORTERS, header)
    assert importer is not None

    outcome = read(importer, lines([header, *rows]))

    blank = sum(not any(map(str.strip, row)) for row in rows)
    assert outcome.totals.rows_read == len(rows) - blank


@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"Title,Price\n", b"\x1f\x8b"]))
def test_any_bytes_end_in_totals_or_in_a_rejection(content: bytes, head: bytes) -> None:
    for importer in IMPORTERS:
        events: deque[ImportEvent] = deque(maxlen=1)
        with suppress(Rejected):
            events.extend(importer.read(io.BytesIO(head + content), GBP))
            assert isinstance(events.pop(), ImportTotals)
