"""How product drafts of a file become rows: matched by handle, remembered for undo."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.catalog.commands import ImportProducts, ProductStatus
from shared.catalog.events import StockDeclared
from shared.catalog.handlers import checked_price, checked_title
from shared.catalog.model import search_text, variant_title
from shared.catalog.tables import (
    MEDIA,
    PRODUCT,
    VARIANT,
    BarcodeRow,
    MediaRow,
    ProductRow,
    VariantRow,
)
from shared.imports.handlers import running_import
from shared.imports.repository import Recorder
from shared.kernel.context import Context
from shared.kernel.ids import MediaId, ProductId, VariantId
from shared.plugins.points.importer import ProductDraft, VariantDraft
from shared.storage.unit_of_work import UnitOfWork

STANDARD_TAX = "standard"
NO_TAX = "zero"


def import_products(command: ImportProducts, work: UnitOfWork, context: Context) -> None:
    """Make or change one batch of products.

    What the file does not speak of stays as it is; a barcode that another variant holds already
    stays with that one.
    """
    running_import(work, command.import_id)
    batch = _Batch(command, work, context)
    for draft in command.products:
        batch.save_product(draft)


class _Batch:
    """One batch on its way into the catalog; what is known of it is read once per table."""

    def __init__(self, command: ImportProducts, work: UnitOfWork, context: Context) -> None:
        self._command = command
        self._work = work
        self._context = context
        self._recorder = Recorder(work, command.import_id)
        handles = [draft.handle for draft in command.products]
        self._products = {
            row.handle: row for row in work.find(ProductRow, PRODUCT.c.handle.in_(handles))
        }
        self._variants: dict[str, dict[tuple[str, ...], VariantRow]] = {}
        self._media: dict[str, dict[str, MediaRow]] = {}
        self._read_parts([row.product_id for row in self._products.values()])
        codes = [
            (code,)
            for draft in command.products
            for variant in draft.variants
            for code in _codes(variant)
        ]
        if codes:
            work.lock(BarcodeRow, codes)

    def _read_parts(self, product_ids: Sequence[str]) -> None:
        if not product_ids:
            return
        for variant in self._work.find(VariantRow, VARIANT.c.product_id.in_(product_ids)):
            of_product = self._variants.setdefault(variant.product_id, {})
            of_product[variant.option_values] = variant
        for media in self._work.find(MediaRow, MEDIA.c.product_id.in_(product_ids)):
            self._media.setdefault(media.product_id, {})[media.url] = media

    def save_product(self, draft: ProductDraft) -> None:
        """Save one product with all that belongs to it."""
        product = self._product_row(draft)
        self._recorder.save(product)
        known = self._variants.get(product.product_id, {})
        for position, variant in enumerate(draft.variants):
            same = known.get(variant.option_values)
            row = self._variant_row(product, variant, known=same, position=position)
            self._save_variant(row, variant)
        self._save_media(product, draft)

    def _product_row(self, draft: ProductDraft) -> ProductRow:
        known = self._products.get(draft.handle)
        now = self._context.business_at
        row = ProductRow(
            product_id=ProductId(self._context.next_id()) if known is None else known.product_id,
            handle=draft.handle,
            title=checked_title(draft.title),
            description_html=draft.description_html,
            vendor=draft.vendor,
            product_type=draft.product_type,
            tags=draft.tags,
            status=ProductStatus(draft.status),
            option_names=draft.option_names,
            extra=dict(draft.extra),
            import_id=self._command.import_id if known is None else known.import_id,
            created_at=now if known is None else known.created_at,
            updated_at=now if known is None else known.updated_at,
        )
        return row if row == known else replace(row, updated_at=now)

    def _variant_row(
        self,
        product: ProductRow,
        draft: VariantDraft,
        *,
        known: VariantRow | None,
        position: int,
    ) -> VariantRow:
        title = variant_title(draft.option_values)
        return VariantRow(
            variant_id=VariantId(self._context.next_id()) if known is None else known.variant_id,
            product_id=product.product_id,
            position=position,
            title=title,
            option_values=draft.option_values,
            sku=draft.sku,
            price_amount=checked_price(draft.price_amount, "price_amount"),
            compare_at_amount=draft.compare_at_amount,
            cost_amount=draft.cost_amount,
            tax_code=draft.tax_code or (STANDARD_TAX if draft.is_taxable else NO_TAX),
            unit_code="piece",
            weight_grams=draft.weight_grams,
            is_stock_tracked=draft.is_stock_tracked,
            allows_oversell=draft.allows_oversell,
            requires_shipping=draft.requires_shipping,
            is_active=True,
            search_text=search_text(
                product.title, title, sku=draft.sku, barcodes=_codes(draft), vendor=product.vendor
            ),
            extra=dict(draft.extra),
        )

    def _save_variant(self, row: VariantRow, draft: VariantDraft) -> None:
        self._recorder.save(row)
        for code in _codes(draft):
            if self._work.get(BarcodeRow, code) is None:
                self._recorder.save(BarcodeRow(code, row.variant_id, unit_qty=1))
        if self._command.location_id is not None and draft.is_stock_tracked:
            self._context.emit(
                StockDeclared(
                    import_id=self._command.import_id,
                    variant_id=row.variant_id,
                    location_id=self._command.location_id,
                    on_hand_qty=draft.on_hand_qty,
                )
            )

    def _save_media(self, product: ProductRow, draft: ProductDraft) -> None:
        known: Mapping[str, MediaRow] = self._media.get(product.product_id, {})
        for media in draft.media:
            same = known.get(media.url)
            self._recorder.save(
                MediaRow(
                    media_id=MediaId(self._context.next_id()) if same is None else same.media_id,
                    product_id=product.product_id,
                    position=media.position,
                    alt_text=media.alt_text,
                    url=media.url,
                    thumbnail=None if same is None else same.thumbnail,
                )
            )


def _codes(draft: VariantDraft) -> list[str]:
    return [code for code in (draft.barcode, *draft.further_barcodes) if code]
