"""A shop with a hundred thousand products, written straight into a replica as a first fill is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from shared.catalog.commands import ProductStatus
from shared.catalog.model import search_text, variant_title
from shared.catalog.tables import BarcodeRow, ProductRow, VariantRow
from shared.inventory.tables import StockLevelRow
from shared.kernel.ids import ProductId, VariantId
from shared.organization.commands import Workspace
from shared.storage.base import Row, table_of
from tests.support.desk import ShopOnDevice
from tests.support.shop import OPENING, Shop

PRODUCTS = 100_000
_SPACE = UUID("5f3c3f0e-7d1c-4d8e-9a57-0d6f2d0c4b11")
_THINGS = "Shirt Lamp Mug Chair Table Scarf Kettle Basket Towel Candle Vase Rug Bowl Clock".split()
_LOOKS = "Linen Walnut Merino Ceramic Cotton Brass Oak Felt Glass Copper Wool Bamboo".split()
_COLOURS = "Ivory Slate Moss Rust Navy Sand Plum Sage Ochre Ink".split()
_BATCH = 5_000


def fill(folder: Path, count: int = PRODUCTS) -> ShopOnDevice:
    """A back office's device with `count` products of two variants each, all in stock."""
    device = ShopOnDevice(folder, workspace=Workspace.MERCHANT)
    with device.seeding() as shop, shop.connection.begin():
        for first in range(0, count, _BATCH):
            _write(shop, range(first, min(count, first + _BATCH)))
    return device


def _write(shop: Shop, numbers: range) -> None:
    rows: dict[type[Row], list[Row]] = {}
    for number in numbers:
        for row in _rows(shop, number):
            rows.setdefault(type(row), []).append(row)
    for row_type, batch in rows.items():
        table = table_of(row_type)
        values: list[dict[str, Any]] = [table.to_values(row) for row in batch]
        shop.connection.execute(sa.insert(table.table), values)


def _rows(shop: Shop, number: int) -> Iterator[Row]:
    product = _product(number, OPENING)
    yield product
    for place, colour in enumerate((_COLOURS[number % 10], _COLOURS[(number + 3) % 10])):
        variant_id = VariantId(_id("variant", number, place))
        code = f"{2_000_000_000_000 + number * 10 + place}"
        yield _variant(product, variant_id, colour, place=place, code=code, number=number)
        yield BarcodeRow(code, variant_id, 1)
        yield StockLevelRow(variant_id, shop.location_id, number % 40, 0)


def _product(number: int, now: datetime) -> ProductRow:
    look, thing = _LOOKS[number % 12], _THINGS[number % 14]
    return ProductRow(
        product_id=ProductId(_id("product", number)),
        handle=f"{look}-{thing}-{number}".lower(),
        title=f"{look} {thing} {number:06d}",
        description_html=f"<p>{look} {thing}</p>",
        vendor=f"Maker {number % 97}",
        product_type=thing,
        tags=(look.lower(),),
        status=(ProductStatus.DRAFT if number % 50 == 0 else ProductStatus.ACTIVE),
        option_names=("Colour",),
        extra={},
        import_id=None,
        created_at=now,
        updated_at=now,
    )


def _variant(
    product: ProductRow, variant_id: VariantId, colour: str, *, place: int, code: str, number: int
) -> VariantRow:
    title = variant_title((colour,))
    sku = f"SKU-{number:06d}-{place}"
    return VariantRow(
        variant_id=variant_id,
        product_id=product.product_id,
        position=place,
        title=title,
        option_values=(colour,),
        sku=sku,
        price_amount=500 + number % 20_000,
        compare_at_amount=None,
        cost_amount=None,
        tax_code="standard",
        unit_code="piece",
        weight_grams=None,
        is_stock_tracked=True,
        allows_oversell=False,
        requires_shipping=True,
        is_active=True,
        search_text=search_text(
            product.title, title, sku=sku, barcodes=(code,), vendor=product.vendor
        ),
        extra={},
    )


def _id(*parts: object) -> str:
    return str(uuid5(_SPACE, "/".join(map(str, parts))))
