"""What may be asked of the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from shared.kernel.blobs import BlobRef
from shared.kernel.ids import ImportId, LocationId, MediaId, ProductId, VariantId
from shared.kernel.messages import Command, Upcast
from shared.kernel.permissions import Permission
from shared.plugins.points.importer import ProductDraft


class ProductStatus(StrEnum):
    """Where a product is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    """A variant as a person describes it; amounts in minor units of the store's currency."""

    variant_id: VariantId
    option_values: tuple[str, ...] = ()
    sku: str | None = None
    barcodes: tuple[str, ...] = ()
    price_amount: int = 0
    compare_at_amount: int | None = None
    cost_amount: int | None = None
    tax_code: str = "standard"
    unit_code: str = "piece"
    weight_grams: int | None = None
    is_stock_tracked: bool = True
    allows_oversell: bool = False
    requires_shipping: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProduct(Command):
    """Add a product with its variants (at least one)."""

    NAME: ClassVar[str] = "create_product"
    PERMISSION: ClassVar[Permission] = Permission.CATALOG_EDIT

    product_id: ProductId
    title: str
    variants: tuple[VariantSpec, ...]
    handle: str = ""
    description_html: str = ""
    vendor: str = ""
    product_type: str = ""
    tags: tuple[str, ...] = ()
    status: ProductStatus = ProductStatus.ACTIVE
    option_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProduct(Command):
    """Change what is shown of a product; fields left None stay as they are."""

    NAME: ClassVar[str] = "edit_product"
    PERMISSION: ClassVar[Permission] = Permission.CATALOG_EDIT

    product_id: ProductId
    title: str | None = None
    description_html: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: tuple[str, ...] | None = None
    status: ProductStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveVariant(Command):
    """Add a variant to a product, or change one; its barcodes become exactly those given."""

    NAME: ClassVar[str] = "save_variant"
    PERMISSION: ClassVar[Permission] = Permission.CATALOG_EDIT

    product_id: ProductId
    variant: VariantSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePrice(Command):
    """Set the list price of a variant (minor units of the store's currency)."""

    NAME: ClassVar[str] = "change_price"
    PERMISSION: ClassVar[Permission] = Permission.PRICE_EDIT

    variant_id: VariantId
    price_amount: int
    compare_at_amount: int | None = None


def _without_blob(args: dict[str, Any]) -> dict[str, Any]:
    """Version 2: the picture itself travels as a blob; before there was only the small one."""
    return args | {"blob": "", "blob_bytes": 0, "blob_type": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductValues:
    """What of a product can be edited together with others; None is not spoken of."""

    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    status: ProductStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantValues:
    """What of a variant can be edited together with others; None is not spoken of.

    Amounts are minor units of the store's currency; a compare-at amount of 0 takes it away.
    """

    price_amount: int | None = None
    compare_at_amount: int | None = None
    tax_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEdit:
    """One product among many; it is left out unless it still is as `expected`, where that is given.

    Tags are added and taken away one by one, so that those others have set meanwhile stay.
    """

    product_id: ProductId
    to: ProductValues = ProductValues()
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    expected: ProductValues | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantEdit:
    """One variant among many; it is left out unless it still is as `expected`, where given."""

    variant_id: VariantId
    to: VariantValues
    expected: VariantValues | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProducts(Command):
    """Change many products and variants at once, at most MAX_EDITS.

    What cannot be done as asked is left out and told, and all the rest is done.
    """

    NAME: ClassVar[str] = "edit_products"
    PERMISSION: ClassVar[Permission] = Permission.CATALOG_EDIT

    products: tuple[ProductEdit, ...] = ()
    variants: tuple[VariantEdit, ...] = ()

    def needs(self) -> tuple[Permission, ...]:
        """What the same edits need one by one: prices have a permission of their own."""
        has_prices = any(
            edit.to.price_amount is not None or edit.to.compare_at_amount is not None
            for edit in self.variants
        )
        has_others = bool(self.products) or any(
            edit.to.tax_code is not None for edit in self.variants
        )
        if not has_prices:
            return (self.PERMISSION,)
        return (self.PERMISSION, Permission.PRICE_EDIT) if has_others else (Permission.PRICE_EDIT,)


MAX_EDITS = 2_000
"""Of one command: about half of what a push carries at once, and a commit that delays nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProductImage(Command):
    """Give a product its picture: a JPEG rendition of at most 64 KiB, as hex.

    `blob`, `blob_bytes` and `blob_type` name the picture itself, which need not have arrived; they
    are empty where there is only the rendition.
    """

    NAME: ClassVar[str] = "set_product_image"
    VERSION: ClassVar[int] = 2
    UPCASTS: ClassVar[Mapping[int, Upcast]] = {2: _without_blob}
    PERMISSION: ClassVar[Permission] = Permission.CATALOG_EDIT

    product_id: ProductId
    media_id: MediaId
    thumbnail_hex: str
    alt_text: str = ""
    blob: str = ""
    blob_bytes: int = 0
    blob_type: str = ""

    def blobs(self) -> tuple[BlobRef, ...]:
        """The picture itself."""
        if not self.blob:
            return ()
        size, media_type = self.blob_bytes, self.blob_type
        return (BlobRef(sha256=self.blob, size_bytes=size, media_type=media_type),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProducts(Command):
    """One batch of an import: products are matched by handle and made or changed.

    Stock given in the file becomes the stock on hand at `location_id`.
    """

    NAME: ClassVar[str] = "import_products"
    PERMISSION: ClassVar[Permission] = Permission.IMPORT

    import_id: ImportId
    location_id: LocationId | None
    products: tuple[ProductDraft, ...]
