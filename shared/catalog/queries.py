"""Read models of the catalog: what scanning, searching and lists need."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.catalog.commands import ProductStatus
from shared.catalog.tables import (
    BARCODE,
    MEDIA,
    PRODUCT,
    VARIANT,
    BarcodeRow,
    MediaRow,
    ProductRow,
    VariantRow,
)
from shared.kernel.ids import ProductId, VariantId
from shared.storage.reader import Reader

SEARCH_POOL = 300
"""How many hits are taken before they are ranked; ranking every hit of a short word is slow."""


@dataclass(frozen=True, slots=True)
class SellableRow:
    """A variant as tills and pickers see it; amounts in minor units of the store's currency."""

    variant_id: VariantId
    product_id: ProductId
    product_title: str
    title: str
    sku: str | None
    price_amount: int
    tax_code: str
    unit_code: str
    is_stock_tracked: bool
    search_text: str

    @property
    def name(self) -> str:
        """Product and variant in one line."""
        return f"{self.product_title} – {self.title}" if self.title else self.product_title


_SELLABLE = sa.select(
    VARIANT.c.variant_id,
    VARIANT.c.product_id,
    PRODUCT.c.title,
    VARIANT.c.title,
    VARIANT.c.sku,
    VARIANT.c.price_amount,
    VARIANT.c.tax_code,
    VARIANT.c.unit_code,
    VARIANT.c.is_stock_tracked,
    VARIANT.c.search_text,
).join(PRODUCT.table, PRODUCT.c.product_id == VARIANT.c.product_id)
_FOR_SALE = sa.and_(VARIANT.c.is_active.is_(True), PRODUCT.c.status == ProductStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class ScanHit:
    """What a scanned code stands for: a variant, and how many units of it."""

    variant: SellableRow
    unit_qty: int


def by_code(reader: Reader, code: str) -> ScanHit | None:
    """What a scanned or typed code stands for: a barcode first, then an SKU; None if unknown.

    GTINs are found with and without leading zeros, as scanners differ in what they send.
    """
    wanted = code.strip()
    for candidate in dict.fromkeys((wanted, wanted.lstrip("0"), wanted.zfill(13))):
        statement = (
            _SELLABLE.add_columns(BARCODE.c.unit_qty)
            .join(BARCODE.table, BARCODE.c.variant_id == VARIANT.c.variant_id)
            .where(BARCODE.c.code == candidate, _FOR_SALE)
        )
        found = reader.rows(statement)
        if found:
            return ScanHit(SellableRow(*found[0][:-1]), found[0][-1])
    by_sku = reader.rows(_SELLABLE.where(VARIANT.c.sku == wanted, _FOR_SALE).limit(1))
    return ScanHit(SellableRow(*by_sku[0]), 1) if by_sku else None


def sellable(reader: Reader, variant_ids: Sequence[str]) -> tuple[SellableRow, ...]:
    """The variants with those ids, in the order asked for; unknown ones are left out."""
    found = reader.rows(_SELLABLE.where(VARIANT.c.variant_id.in_(list(variant_ids))))
    by_id = {row[0]: SellableRow(*row) for row in found}
    return tuple(by_id[wanted] for wanted in variant_ids if wanted in by_id)


def search_variants(reader: Reader, text: str, *, limit: int = 50) -> tuple[SellableRow, ...]:
    """Variants for sale whose name, SKU or barcode has words that begin with those given.

    Best first: an exact SKU or a name that begins with the text stands before other hits.
    """
    words = _words(text)
    if not words:
        found = reader.rows(
            _SELLABLE.where(_FOR_SALE).order_by(PRODUCT.c.title, PRODUCT.c.product_id).limit(limit)
        )
        return tuple(SellableRow(*row) for row in found)
    found = reader.rows(_SELLABLE.where(_FOR_SALE, _matches(reader, words)).limit(SEARCH_POOL))
    hits = [SellableRow(*row) for row in found]
    hits.sort(key=lambda row: _rank(row, text.strip().casefold()))
    return tuple(hits[:limit])


@dataclass(frozen=True, slots=True)
class ProductTypeCount:
    """A product type with the number of products for sale that bear it."""

    product_type: str
    product_count: int


def product_types(reader: Reader, *, limit: int = 30) -> tuple[ProductTypeCount, ...]:
    """The product types in use, the fullest first; products without one are left out."""
    times = sa.func.count(PRODUCT.c.product_id)
    statement = (
        sa.select(PRODUCT.c.product_type, times)
        .where(PRODUCT.c.status == ProductStatus.ACTIVE, PRODUCT.c.product_type != "")
        .group_by(PRODUCT.c.product_type)
        .order_by(times.desc(), PRODUCT.c.product_type)
        .limit(limit)
    )
    return tuple(ProductTypeCount(*row) for row in reader.rows(statement))


def of_type(reader: Reader, product_type: str, *, limit: int = 60) -> tuple[SellableRow, ...]:
    """The first variants of a product type, by product title."""
    found = reader.rows(
        _SELLABLE.where(_FOR_SALE, PRODUCT.c.product_type == product_type)
        .order_by(PRODUCT.c.title, PRODUCT.c.product_id, VARIANT.c.position)
        .limit(limit)
    )
    return tuple(SellableRow(*row) for row in found)


def tagged(reader: Reader, tag: str, *, limit: int = 60) -> tuple[SellableRow, ...]:
    """The variants of products that bear a tag, by product title."""
    stored = sa.type_coerce(PRODUCT.c.tags, sa.Text)
    found = reader.rows(
        _SELLABLE.where(_FOR_SALE, stored.icontains(f'"{tag}"', autoescape=True))
        .order_by(PRODUCT.c.title, PRODUCT.c.product_id, VARIANT.c.position)
        .limit(limit)
    )
    return tuple(SellableRow(*row) for row in found)


def thumbnails(reader: Reader, product_ids: Sequence[str]) -> Mapping[str, bytes]:
    """The first small picture of each product, by product id; those without one are left out."""
    statement = (
        sa.select(MEDIA.c.product_id, MEDIA.c.thumbnail)
        .where(MEDIA.c.product_id.in_(list(product_ids)), MEDIA.c.thumbnail.is_not(None))
        .order_by(MEDIA.c.product_id, MEDIA.c.position.desc())
    )
    return dict(tuple(row) for row in reader.rows(statement))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text, re.UNICODE)


def _matches(
    reader: Reader, words: Sequence[str], *, pool: int = SEARCH_POOL
) -> sa.ColumnElement[bool]:
    """Variants with all the words, at most `pool` of them on a device; -1 is no limit."""
    if reader.is_sqlite:
        query = " ".join(f'"{word}"*' for word in words)
        hits = sa.text(
            "variant.rowid IN (SELECT rowid FROM variant_search"
            " WHERE variant_search MATCH :words LIMIT :pool)"
        ).bindparams(words=query, pool=pool)
        return sa.and_(hits)
    return sa.and_(*(VARIANT.c.search_text.icontains(word, autoescape=True) for word in words))


def _rank(row: SellableRow, text: str) -> tuple[int, str, str]:
    name = row.product_title.casefold()
    if (row.sku or "").casefold() == text:
        place = 0
    elif name.startswith(text):
        place = 1
    else:
        place = 2
    return place, name, row.title


@dataclass(frozen=True, slots=True)
class ProductListRow:
    """A product in a list, with its price range."""

    product_id: ProductId
    title: str
    vendor: str
    product_type: str
    status: ProductStatus
    variant_count: int
    lowest_price_amount: int
    highest_price_amount: int


_ORDERINGS = {
    "title": PRODUCT.c.title,
    "vendor": PRODUCT.c.vendor,
    "product_type": PRODUCT.c.product_type,
    "status": PRODUCT.c.status,
    "updated_at": PRODUCT.c.updated_at,
}


def product_ids(
    reader: Reader,
    *,
    text: str = "",
    status: ProductStatus | None = None,
    order: str = "title",
    is_descending: bool = False,
) -> tuple[str, ...]:
    """The ids of all products that fit, in order: the skeleton of a list that pages by window."""
    column = _ORDERINGS[order]
    statement = sa.select(PRODUCT.c.product_id)
    words = _words(text)
    if words:
        hits = sa.select(VARIANT.c.product_id).where(_matches(reader, words, pool=-1))
        statement = statement.where(PRODUCT.c.product_id.in_(hits))
    if status is not None:
        statement = statement.where(PRODUCT.c.status == status)
    direction = column.desc() if is_descending else column.asc()
    return tuple(reader.column(statement.order_by(direction, PRODUCT.c.product_id)))


@dataclass(frozen=True, slots=True)
class FirstHits:
    """The best of the first hits of a search; `is_all` when there are no others."""

    product_ids: list[str]
    is_all: bool


def first_hits(reader: Reader, text: str, *, status: ProductStatus | None = None) -> FirstHits:
    """Products found at once, however many there are: best first, out of SEARCH_POOL variants.

    An exact SKU or barcode stands first, then titles that begin with the text, then the others.
    """
    words = _words(text)
    if not words:
        return FirstHits([], is_all=False)
    wanted = text.strip()
    by_code = reader.rows(
        _SELLABLE.join(BARCODE.table, BARCODE.c.variant_id == VARIANT.c.variant_id).where(
            BARCODE.c.code == wanted
        )
    )
    found = reader.rows(_SELLABLE.where(_matches(reader, words)).limit(SEARCH_POOL))
    hits = [SellableRow(*row) for row in found]
    hits.sort(key=lambda row: _rank(row, wanted.casefold()))
    ranked = dict.fromkeys(row.product_id for row in [*(SellableRow(*r) for r in by_code), *hits])
    if status is not None:
        statement = sa.select(PRODUCT.c.product_id).where(
            PRODUCT.c.product_id.in_(list(ranked)), PRODUCT.c.status == status
        )
        fitting = {row[0] for row in reader.rows(statement)}
        ranked = {found_id: None for found_id in ranked if found_id in fitting}
    return FirstHits([str(found_id) for found_id in ranked], is_all=len(found) < SEARCH_POOL)


def status_counts(reader: Reader) -> Mapping[ProductStatus, int]:
    """How many products are in each status."""
    columns: list[sa.ColumnElement[Any]] = [PRODUCT.c.status, sa.func.count()]
    found = reader.rows(sa.select(*columns).group_by(PRODUCT.c.status))
    return dict.fromkeys(ProductStatus, 0) | {row[0]: int(row[1]) for row in found}


def product_list(reader: Reader, ids: Sequence[str]) -> tuple[ProductListRow, ...]:
    """The list rows of the products with those ids, in the order asked for."""
    statement = (
        sa.select(
            PRODUCT.c.product_id,
            PRODUCT.c.title,
            PRODUCT.c.vendor,
            PRODUCT.c.product_type,
            PRODUCT.c.status,
            sa.func.count(VARIANT.c.variant_id),
            sa.func.coalesce(sa.func.min(VARIANT.c.price_amount), 0),
            sa.func.coalesce(sa.func.max(VARIANT.c.price_amount), 0),
        )
        .join(VARIANT.table, VARIANT.c.product_id == PRODUCT.c.product_id, isouter=True)
        .where(PRODUCT.c.product_id.in_(list(ids)))
        .group_by(
            PRODUCT.c.product_id,
            PRODUCT.c.title,
            PRODUCT.c.vendor,
            PRODUCT.c.product_type,
            PRODUCT.c.status,
        )
    )
    by_id = {row[0]: ProductListRow(*row) for row in reader.rows(statement)}
    return tuple(by_id[wanted] for wanted in ids if wanted in by_id)


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """Everything about one product."""

    product: ProductRow
    variants: tuple[VariantRow, ...]
    barcodes: tuple[BarcodeRow, ...]
    media: tuple[MediaRow, ...]


def product_detail(reader: Reader, product_id: str) -> ProductDetail:
    """One product with its variants, barcodes and media. Raises Rejected("product_not_found")."""
    product = reader.require(ProductRow, product_id)
    variants = reader.find(
        VariantRow, VARIANT.c.product_id == product_id, order_by=(VARIANT.c.position,)
    )
    ids = [variant.variant_id for variant in variants]
    return ProductDetail(
        product,
        tuple(variants),
        tuple(reader.find(BarcodeRow, BARCODE.c.variant_id.in_(ids))),
        tuple(
            reader.find(MediaRow, MEDIA.c.product_id == product_id, order_by=(MEDIA.c.position,))
        ),
    )
