"""State of one product: what is shown, what is stocked, and every change to it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui import i18n, tasks
from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.product import description
from desktop.workspaces.merchant.product.picture.thumbnail import (
    picture_of,
    read_file,
    thumbnail_of,
)
from desktop.workspaces.merchant.product.rows import (
    LEVEL_COLUMNS,
    MOVEMENT_COLUMNS,
    VARIANT_COLUMNS,
    level_line,
    movement_line,
    variant_line,
)
from desktop.workspaces.merchant.product.variants.model import VariantTable
from shared.catalog.commands import (
    ChangePrice,
    EditProduct,
    ProductStatus,
    SaveVariant,
    SetProductImage,
    VariantSpec,
)
from shared.catalog.queries import ProductDetail, product_detail
from shared.catalog.tables import MediaRow, VariantRow
from shared.inventory.commands import AdjustStock, CountStock, StockReason
from shared.inventory.queries import StockAtLocation, stock_history, stock_of
from shared.kernel.errors import Bug
from shared.kernel.ids import LocationId, MediaId, ProductId, VariantId, new_id
from shared.kernel.quantity import unit_of
from shared.storage.reader import Reader

Values = Mapping[str, FieldValue]


class ProductViewModel(ViewModel):
    """One product. `open` says which; the tables hold its variants and the chosen one's stock."""

    watches = frozenset(
        {"product", "variant", "barcode", "media", "stock_level", "stock_entry", "tax_rate"}
    )

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.product_id = ""
        self.detail: ProductDetail | None = None
        self.variant_id = ""
        self.variants = VariantTable(VARIANT_COLUMNS, self)
        self.levels = TableModel(LEVEL_COLUMNS, self)
        self.movements = TableModel(MOVEMENT_COLUMNS, self)
        self._stock: tuple[StockAtLocation, ...] = ()

    def open(self, product_id: str, variant_id: str = "") -> None:
        """Show a product, with one of its variants marked."""
        if product_id != self.product_id:
            self.product_id, self.detail, self.variant_id = product_id, None, variant_id
            for table in (self.variants, self.levels, self.movements):
                table.set_rows(())
            self.changed.emit()
        elif variant_id:
            self.choose(variant_id)
        self.start()

    async def refresh(self) -> None:
        """Load the product with its stock, then the movements of the chosen variant."""
        wanted = self.product_id
        if not wanted:
            return
        detail, stock = await self.office.desk.fetch(_product, wanted)
        if wanted != self.product_id:
            return
        self.detail, self._stock = detail, stock
        known = {variant.variant_id for variant in detail.variants}
        if self.variant_id not in known:
            self.variant_id = detail.variants[0].variant_id if detail.variants else ""
        self._show_variants(detail)
        self._show_levels()
        self.changed.emit()
        await self._load_movements()

    # -- what is shown

    @property
    def loaded(self) -> ProductDetail:
        """The product. Raises Bug before it was loaded."""
        if self.detail is None:
            raise Bug("the product is used before it was loaded")
        return self.detail

    @property
    def picture(self) -> MediaRow | None:
        """The product's first picture, if there is one that can be shown."""
        media = self.detail.media if self.detail is not None else ()
        return next((row for row in media if row.thumbnail or row.picture), None)

    @property
    def variant(self) -> VariantRow | None:
        """The chosen variant."""
        variants = self.detail.variants if self.detail is not None else ()
        return next((row for row in variants if row.variant_id == self.variant_id), None)

    @property
    def has_tracked_variant(self) -> bool:
        """Whether the stock of the chosen variant is kept in the books."""
        variant = self.variant
        return variant is not None and variant.is_stock_tracked

    @property
    def digits(self) -> int:
        """Decimals of the chosen variant's unit."""
        variant = self.variant
        return 0 if variant is None else unit_of(variant.unit_code).exponent

    def barcodes_of(self, variant_id: str) -> tuple[str, ...]:
        """The barcodes of a variant."""
        return tuple(row.code for row in self.loaded.barcodes if row.variant_id == variant_id)

    def on_hand_at(self, location_id: str) -> int:
        """What the books say of the chosen variant at a location, in minor units of its unit."""
        for level in self._stock:
            if (level.variant_id, level.location_id) == (self.variant_id, location_id):
                return level.on_hand_qty
        return 0

    def choose(self, variant_id: str) -> None:
        """Show the stock of another variant."""
        if variant_id != self.variant_id:
            self.variant_id = variant_id
            self._show_levels()
            self.movements.set_rows(())
            self.changed.emit()
            tasks.latest(self, "movements", self._load_movements())

    # -- changes; each raises Rejected, which belongs at its field

    async def save(self, changes: Values) -> None:
        """Change what is shown of the product; only the fields that differ are sent."""
        fields: dict[str, Any] = dict(changes)
        if "description_html" in fields:
            is_html = description.read(self.loaded.product.description_html).is_html
            fields["description_html"] = description.write(
                fields["description_html"], is_html=is_html
            )
        if "status" in fields:
            fields["status"] = ProductStatus(fields["status"])
        await self.office.desk.submit(EditProduct(product_id=ProductId(self.product_id), **fields))

    async def change_price(self, variant_id: str, price_amount: int) -> None:
        """Set a list price; the price before a reduction stays."""
        variant = next(row for row in self.loaded.variants if row.variant_id == variant_id)
        if variant.price_amount != price_amount:
            await self.office.desk.submit(
                ChangePrice(
                    variant_id=variant.variant_id,
                    price_amount=price_amount,
                    compare_at_amount=variant.compare_at_amount,
                )
            )

    async def save_variant(self, known: VariantRow | None, values: Values) -> None:
        """Change a variant, or add one."""
        await self.office.desk.submit(
            SaveVariant(
                product_id=ProductId(self.product_id),
                variant=spec_of(known, values, self.loaded.product.option_names),
            )
        )

    async def adjust(self, values: Values) -> None:
        """Enter stock that came in or went out."""
        delta_qty = values["delta_qty"]
        await self.office.desk.submit(
            AdjustStock(
                variant_id=VariantId(self.variant_id),
                location_id=LocationId(str(values["location_id"])),
                delta_qty=delta_qty if isinstance(delta_qty, int) else 0,
                reason=StockReason(str(values["reason"])),
                note=str(values["note"]),
            )
        )

    async def count(self, values: Values) -> None:
        """Enter what was counted."""
        counted_qty = values["counted_qty"]
        await self.office.desk.submit(
            CountStock(
                variant_id=VariantId(self.variant_id),
                location_id=LocationId(str(values["location_id"])),
                counted_qty=counted_qty if isinstance(counted_qty, int) else 0,
                note=str(values["note"]),
            )
        )

    def set_picture(self, path: Path) -> None:
        """Give the product the picture in a file."""
        self.run(self._set_picture(path))

    # -- inside

    async def _set_picture(self, path: Path) -> None:
        content = await asyncio.to_thread(read_file, path)
        thumbnail = await asyncio.to_thread(thumbnail_of, content)
        blob = await self.office.desk.blobs.keep(await asyncio.to_thread(picture_of, content))
        await self.office.desk.submit(
            SetProductImage(
                product_id=ProductId(self.product_id),
                media_id=MediaId(new_id()),
                thumbnail_hex=thumbnail.hex(),
                alt_text=self.loaded.product.title,
                blob=blob.sha256,
                blob_bytes=blob.size_bytes,
                blob_type=blob.media_type,
            )
        )

    def _show_variants(self, detail: ProductDetail) -> None:
        on_hand: dict[str, int] = {}
        for level in self._stock:
            on_hand[level.variant_id] = on_hand.get(level.variant_id, 0) + level.on_hand_qty
        rates = {rate.code: rate.name for rate in self.office.rates}
        only_name = i18n.tr("merchant.variant.only")
        self.variants.set_rows(
            [
                variant_line(
                    variant,
                    [row for row in detail.barcodes if row.variant_id == variant.variant_id],
                    only_name=only_name,
                    tax=rates.get(variant.tax_code, variant.tax_code),
                    on_hand_qty=on_hand.get(variant.variant_id, 0),
                    currency=self.office.currency,
                )
                for variant in detail.variants
            ]
        )

    def _show_levels(self) -> None:
        digits = self.digits
        self.levels.set_rows(
            [
                level_line(level, digits)
                for level in self._stock
                if level.variant_id == self.variant_id
            ]
        )

    async def _load_movements(self) -> None:
        wanted = self.variant_id
        found = await self.office.desk.fetch(stock_history, wanted) if wanted else ()
        if wanted == self.variant_id:
            digits = self.digits
            self.movements.set_rows(
                [
                    movement_line(place, movement, signed(movement.qty, digits))
                    for place, movement in enumerate(found)
                ]
            )


def signed(qty: int, digits: int) -> str:
    """A movement as people write it: +3, −2."""
    text = i18n.format_qty(abs(qty), digits)
    return i18n.left_to_right(f"+{text}" if qty > 0 else f"\N{MINUS SIGN}{text}")


def spec_of(known: VariantRow | None, values: Values, option_names: tuple[str, ...]) -> VariantSpec:
    """A variant as the form describes it; what the form does not know stays as it was."""
    before = VariantSpec(variant_id=VariantId(new_id())) if known is None else _as_spec(known)
    fields: dict[str, Any] = {
        name: value for name, value in values.items() if not name.startswith("option_")
    }
    fields["sku"] = str(fields.get("sku", "")) or None
    fields["price_amount"] = fields.get("price_amount") or 0
    if option_names:
        fields["option_values"] = tuple(
            str(values[f"option_{place}"]) for place in range(len(option_names))
        )
    return replace(before, **fields)


def _as_spec(variant: VariantRow) -> VariantSpec:
    return VariantSpec(
        variant_id=variant.variant_id,
        option_values=variant.option_values,
        sku=variant.sku,
        price_amount=variant.price_amount,
        compare_at_amount=variant.compare_at_amount,
        cost_amount=variant.cost_amount,
        tax_code=variant.tax_code,
        unit_code=variant.unit_code,
        weight_grams=variant.weight_grams,
        is_stock_tracked=variant.is_stock_tracked,
        allows_oversell=variant.allows_oversell,
        requires_shipping=variant.requires_shipping,
        extra=variant.extra,
    )


def _product(reader: Reader, product_id: str) -> tuple[ProductDetail, tuple[StockAtLocation, ...]]:
    detail = product_detail(reader, product_id)
    return detail, stock_of(reader, [variant.variant_id for variant in detail.variants])
