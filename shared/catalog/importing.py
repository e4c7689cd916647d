"""How product drafts of a file become rows: matched by handle, remembered for undo."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

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
from shared.kernel.ids import ImportId, MediaId, ProductId, VariantId
from shared.plugins.points.importer import MediaDraft, ProductDraft, VariantDraft
from shared.storage.base import Row
from shared.storage.unit_of_work import UnitOfWork

STANDARD_TAX = "standard"
NO_TAX = "zero"


def import_products(command: ImportProducts, work: UnitOfWork, context: Context) -> None:
    """Make or change one batch of products.

    What the file does not speak of stays as it is; a barcode that another variant holds already
    stays with that one.
    """
    running_import(work, command.import_id)
    _Batch(command, work, context).save()


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
            for code in drafted_codes(variant)
        ]
        self._taken = {barcode.code for barcode in work.lock(BarcodeRow, codes).values()}
        self._rows: list[Row] = []
        self._on_hand: dict[VariantId, int] = {}

    def _read_parts(self, product_ids: Sequence[str]) -> None:
        if not product_ids:
            return
        for variant in self._work.find(VariantRow, VARIANT.c.product_id.in_(product_ids)):
            of_product = self._variants.setdefault(variant.product_id, {})
            of_product[variant.option_values] = variant
        for media in self._work.find(MediaRow, MEDIA.c.product_id.in_(product_ids)):
            self._media.setdefault(media.product_id, {})[media.url] = media

    def save(self) -> None:
        """Save all products with all that belongs to them, and say what stock the file declares."""
        for draft in self._command.products:
            self._take(draft)
        self._recorder.save_all(self._rows)
        if self._command.location_id is not None and self._on_hand:
            self._context.emit(
                StockDeclared(
                    import_id=self._command.import_id,
                    location_id=self._command.location_id,
                    on_hand_qty=self._on_hand,
                )
            )

    def _take(self, draft: ProductDraft) -> None:
        known = self._products.get(draft.handle)
        product = drafted_product(
            draft,
            known=known,
            product_id=known.product_id if known else ProductId(self._context.next_id()),
            import_id=self._command.import_id,
            now=self._context.business_at,
        )
        self._rows.append(product)
        variants = self._variants.get(product.product_id, {})
        for position, variant in enumerate(draft.variants):
            same = variants.get(variant.option_values)
            variant_id = same.variant_id if same else VariantId(self._context.next_id())
            self._rows.append(
                drafted_variant(variant, product, variant_id=variant_id, position=position)
            )
            self._take_codes(variant_id, variant)
            if variant.is_stock_tracked:
                self._on_hand[variant_id] = variant.on_hand_qty
        media = self._media.get(product.product_id, {})
        for picture in draft.media:
            there = media.get(picture.url)
            media_id = MediaId(self._context.next_id()) if there is None else there.media_id
            self._rows.append(drafted_media(picture, product, known=there, media_id=media_id))

    def _take_codes(self, variant_id: VariantId, draft: VariantDraft) -> None:
        for code in drafted_codes(draft):
            if code not in self._taken:
                self._taken.add(code)
                self._rows.append(BarcodeRow(code, variant_id, unit_qty=1))


def check_product(draft: ProductDraft) -> None:
    """Raise Rejected for a draft that the catalog would refuse: its title, status or a price."""
    checked_title(draft.title)
    for variant in draft.variants:
        checked_price(variant.price_amount, "price_amount")


def drafted_product(
    draft: ProductDraft,
    *,
    known: ProductRow | None,
    product_id: ProductId,
    import_id: ImportId,
    now: datetime,
) -> ProductRow:
    """The row that a draft becomes; `known` itself when it says nothing new."""
    row = ProductRow(
        product_id=product_id,
        handle=draft.handle,
        title=checked_title(draft.title),
        description_html=draft.description_html,
        vendor=draft.vendor,
        product_type=draft.product_type,
        tags=draft.tags,
        status=ProductStatus(draft.status),
        option_names=draft.option_names,
        extra=dict(draft.extra),
        import_id=import_id if known is None else known.import_id,
        created_at=now if known is None else known.created_at,
        updated_at=now if known is None else known.updated_at,
    )
    return row if known is None or row == known else replace(row, updated_at=now)


def drafted_variant(
    draft: VariantDraft, product: ProductRow, *, variant_id: VariantId, position: int
) -> VariantRow:
    """The row that a variant of a draft becomes."""
    title = variant_title(draft.option_values)
    return VariantRow(
        variant_id=variant_id,
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
            product.title,
            title,
            sku=draft.sku,
            barcodes=drafted_codes(draft),
            vendor=product.vendor,
        ),
        extra=dict(draft.extra),
    )


def drafted_media(
    draft: MediaDraft, product: ProductRow, *, known: MediaRow | None, media_id: MediaId
) -> MediaRow:
    """The row that a picture of a draft becomes; a picture that is there stays."""
    drafted = MediaRow(
        media_id=media_id,
        product_id=product.product_id,
        position=draft.position,
        alt_text=draft.alt_text,
        url=draft.url,
        thumbnail=None,
    )
    if known is None:
        return drafted
    return replace(
        drafted,
        thumbnail=known.thumbnail,
        blob=known.blob,
        blob_bytes=known.blob_bytes,
        blob_type=known.blob_type,
    )


def drafted_codes(draft: VariantDraft) -> list[str]:
    """The barcodes of a variant, the first of them first."""
    return [code for code in (draft.barcode, *draft.further_barcodes) if code]
