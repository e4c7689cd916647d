"""Rows of the catalog: product, variant, barcode, media."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.catalog.commands import ProductStatus
from shared.kernel.blobs import BlobRef, fits
from shared.kernel.ids import ImportId, MediaId, ProductId, VariantId
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True)
class ProductRow(Row):
    """What is shown: a product with its options; what is sold are its variants.

    `extra` keeps columns of imported files that have no place of their own.
    """

    product_id: ProductId
    handle: str
    title: str
    description_html: str
    vendor: str
    product_type: str
    tags: tuple[str, ...]
    status: ProductStatus
    option_names: tuple[str, ...]
    extra: Mapping[str, str]
    import_id: ImportId | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VariantRow(Row):
    """What is sold: one combination of option values with its SKU and list price.

    Amounts are minor units of the store's currency per unit of measure. `search_text` is what
    people type to find it: product title, option values, SKU, barcodes.
    """

    variant_id: VariantId
    product_id: ProductId
    position: int
    title: str
    option_values: tuple[str, ...]
    sku: str | None
    price_amount: int
    compare_at_amount: int | None
    cost_amount: int | None
    tax_code: str
    unit_code: str
    weight_grams: int | None
    is_stock_tracked: bool
    allows_oversell: bool
    requires_shipping: bool
    is_active: bool
    search_text: str
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BarcodeRow(Row):
    """One scannable code of a variant; a case barcode stands for `unit_qty` units."""

    code: str
    variant_id: VariantId
    unit_qty: int


@dataclass(frozen=True, slots=True)
class MediaRow(Row):
    """A picture of a product: where it came from, and a small rendition (JPEG) that travels.

    `blob` is the SHA-256 of the picture itself, which travels behind the row and is fetched when
    somebody looks at it; empty where there is only the small one.
    """

    media_id: MediaId
    product_id: ProductId
    position: int
    alt_text: str
    url: str
    thumbnail: bytes | None
    blob: str = ""
    blob_bytes: int = 0
    blob_type: str = ""

    @property
    def picture(self) -> BlobRef | None:
        """The picture itself, or None where there is only the small one."""
        ref = BlobRef(sha256=self.blob, size_bytes=self.blob_bytes, media_type=self.blob_type)
        return ref if fits(ref) else None


PRODUCT = define(
    ProductRow,
    "product",
    key=("product_id",),
    scope=lambda _row: "tenant",
    indexes=(Index(("handle",), is_unique=True), Index(("title", "product_id"))),
)
VARIANT = define(
    VariantRow,
    "variant",
    key=("variant_id",),
    scope=lambda _row: "tenant",
    references=(Reference(("product_id",), "product"),),
    indexes=(Index(("product_id", "position")), Index(("sku",), where="sku IS NOT NULL")),
    checks={"variant_price_not_negative": "price_amount >= 0"},
)
BARCODE = define(
    BarcodeRow,
    "barcode",
    key=("code",),
    scope=lambda _row: "tenant",
    references=(Reference(("variant_id",), "variant"),),
    indexes=(Index(("variant_id",)),),
    checks={"barcode_stands_for_some": "unit_qty > 0"},
)
MEDIA = define(
    MediaRow,
    "media",
    key=("media_id",),
    scope=lambda _row: "tenant",
    references=(Reference(("product_id",), "product"),),
    indexes=(Index(("product_id", "position")),),
    later=frozenset({"blob", "blob_bytes", "blob_type"}),
)
