"""Handlers of the catalog."""

from dataclasses import replace

from shared.catalog.commands import (
    ChangePrice,
    CreateProduct,
    EditProduct,
    SaveVariant,
    SetProductImage,
    VariantSpec,
)
from shared.catalog.model import MAX_TITLE_CHARS, handle_from, search_text, variant_title
from shared.catalog.tables import (
    PRODUCT,
    BarcodeRow,
    MediaRow,
    ProductRow,
    VariantRow,
)
from shared.kernel.blobs import PICTURE_TYPES, fits
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.money import check_amount
from shared.storage.unit_of_work import UnitOfWork

MAX_THUMBNAIL_BYTES = 65_536
_JPEG_START = b"\xff\xd8\xff"


def create_product(command: CreateProduct, work: UnitOfWork, context: Context) -> None:
    """Add a product; its handle is made from the title unless given, and made unique."""
    if not command.variants:
        raise Rejected("variants_missing", field="variants")
    title = checked_title(command.title)
    product = ProductRow(
        product_id=command.product_id,
        handle=_free_handle(work, command.handle.strip() or handle_from(title)),
        title=title,
        description_html=command.description_html,
        vendor=command.vendor.strip(),
        product_type=command.product_type.strip(),
        tags=command.tags,
        status=command.status,
        option_names=command.option_names,
        extra={},
        import_id=None,
        created_at=context.business_at,
        updated_at=context.business_at,
    )
    work.insert(product)
    for position, variant in enumerate(command.variants):
        _write_variant(work, product, variant, position=position)


def edit_product(command: EditProduct, work: UnitOfWork, context: Context) -> None:
    """Change what is shown; a new title or vendor is found by search at once."""
    product = work.require(ProductRow, command.product_id)
    edited = replace(
        product,
        title=product.title if command.title is None else checked_title(command.title),
        description_html=(
            product.description_html
            if command.description_html is None
            else command.description_html
        ),
        vendor=product.vendor if command.vendor is None else command.vendor.strip(),
        product_type=(
            product.product_type if command.product_type is None else command.product_type.strip()
        ),
        tags=product.tags if command.tags is None else command.tags,
        status=product.status if command.status is None else command.status,
    )
    if edited == product:
        return
    work.put(replace(edited, updated_at=context.business_at))
    if (edited.title, edited.vendor) != (product.title, product.vendor):
        for variant in work.children(VariantRow, "product_id", product.product_id):
            work.put(replace(variant, search_text=_words(work, edited, variant)))


def save_variant(command: SaveVariant, work: UnitOfWork, context: Context) -> None:
    """Add or change one variant of a product."""
    product = work.require(ProductRow, command.product_id)
    siblings = work.children(VariantRow, "product_id", product.product_id)
    known = work.get(VariantRow, command.variant.variant_id)
    if known is not None and known.product_id != product.product_id:
        raise Rejected("variant_of_another_product", field="variant_id")
    twin = [
        sibling
        for sibling in siblings
        if sibling.option_values == command.variant.option_values
        and sibling.variant_id != command.variant.variant_id
        and sibling.is_active
    ]
    if twin:
        raise Rejected(
            "variant_options_taken", field="option_values", options=twin[0].title or product.title
        )
    position = len(siblings) if known is None else known.position
    _write_variant(work, product, command.variant, position=position)
    work.put(replace(product, updated_at=context.business_at))


def change_price(command: ChangePrice, work: UnitOfWork, context: Context) -> None:
    """Set a list price; sales made before keep theirs."""
    del context
    variant = work.require(VariantRow, command.variant_id)
    work.put(
        replace(
            variant,
            price_amount=checked_price(command.price_amount, "price_amount"),
            compare_at_amount=_checked_optional(command.compare_at_amount, "compare_at_amount"),
        )
    )


def set_product_image(command: SetProductImage, work: UnitOfWork, context: Context) -> None:
    """Put a picture first among those of a product."""
    product = work.require(ProductRow, command.product_id)
    try:
        thumbnail = bytes.fromhex(command.thumbnail_hex)
    except ValueError as error:
        raise Rejected("image_unreadable", field="image") from error
    if not thumbnail.startswith(_JPEG_START):
        raise Rejected("image_unreadable", field="image")
    if len(thumbnail) > MAX_THUMBNAIL_BYTES:
        raise Rejected("thumbnail_too_large", field="image", limit_kib=MAX_THUMBNAIL_BYTES // 1024)
    if any(not fits(blob) or blob.media_type not in PICTURE_TYPES for blob in command.blobs()):
        raise Rejected("image_unreadable", field="image")
    known = work.children(MediaRow, "product_id", product.product_id)
    picture = MediaRow(
        media_id=command.media_id,
        product_id=product.product_id,
        position=min((media.position for media in known), default=1) - 1,
        alt_text=command.alt_text,
        url="",
        thumbnail=thumbnail,
        blob=command.blob,
        blob_bytes=command.blob_bytes,
        blob_type=command.blob_type,
    )
    same = work.get(MediaRow, command.media_id)
    if same is None:
        work.insert(picture)
    else:
        work.put(replace(picture, position=same.position))
    work.put(replace(product, updated_at=context.business_at))


def checked_title(title: str) -> str:
    """A product title without blank ends. Raises Rejected when empty or too long."""
    stripped = title.strip()
    if not stripped:
        raise Rejected("title_missing", field="title")
    if len(stripped) > MAX_TITLE_CHARS:
        raise Rejected("title_too_long", field="title", limit=MAX_TITLE_CHARS)
    return stripped


def checked_price(amount: int, field: str) -> int:
    """A price that is not negative and not absurd. Raises Rejected."""
    if amount < 0:
        raise Rejected("price_negative", field=field)
    return check_amount(amount, field)


def _checked_optional(amount: int | None, field: str) -> int | None:
    return None if amount is None else checked_price(amount, field)


def _free_handle(work: UnitOfWork, wanted: str) -> str:
    """The wanted handle, or the first of wanted-2, wanted-3 ... that nobody has."""
    taken = {
        product.handle
        for product in work.find(
            ProductRow,
            (PRODUCT.c.handle == wanted)
            | PRODUCT.c.handle.startswith(f"{wanted}-", autoescape=True),
        )
    }
    if wanted not in taken:
        return wanted
    place = 2
    while f"{wanted}-{place}" in taken:
        place += 1
    return f"{wanted}-{place}"


def _write_variant(
    work: UnitOfWork, product: ProductRow, spec: VariantSpec, *, position: int
) -> None:
    known = work.get(VariantRow, spec.variant_id)
    barcodes = tuple(dict.fromkeys(code.strip() for code in spec.barcodes if code.strip()))
    title = variant_title(spec.option_values)
    row = VariantRow(
        variant_id=spec.variant_id,
        product_id=product.product_id,
        position=position,
        title=title,
        option_values=spec.option_values,
        sku=(spec.sku or "").strip() or None,
        price_amount=checked_price(spec.price_amount, "price_amount"),
        compare_at_amount=_checked_optional(spec.compare_at_amount, "compare_at_amount"),
        cost_amount=_checked_optional(spec.cost_amount, "cost_amount"),
        tax_code=spec.tax_code,
        unit_code=spec.unit_code,
        weight_grams=spec.weight_grams,
        is_stock_tracked=spec.is_stock_tracked,
        allows_oversell=spec.allows_oversell,
        requires_shipping=spec.requires_shipping,
        is_active=True,
        search_text=search_text(
            product.title, title, sku=spec.sku, barcodes=barcodes, vendor=product.vendor
        ),
        extra=spec.extra,
    )
    if known is None:
        work.insert(row)
    else:
        work.put(row)
    _set_barcodes(work, row, barcodes)


def _set_barcodes(work: UnitOfWork, variant: VariantRow, codes: tuple[str, ...]) -> None:
    for known in work.children(BarcodeRow, "variant_id", variant.variant_id):
        if known.code not in codes:
            work.delete(known)
    for code in codes:
        holder = work.get(BarcodeRow, code)
        if holder is None:
            work.insert(BarcodeRow(code, variant.variant_id, unit_qty=1))
        elif holder.variant_id != variant.variant_id:
            raise Rejected("barcode_taken", field="barcodes", barcode=code)


def _words(work: UnitOfWork, product: ProductRow, variant: VariantRow) -> str:
    codes = [
        barcode.code for barcode in work.children(BarcodeRow, "variant_id", variant.variant_id)
    ]
    return search_text(
        product.title, variant.title, sku=variant.sku, barcodes=codes, vendor=product.vendor
    )
