"""What drafts of a file would change if they were applied now, by the rules of the handlers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import sqlalchemy as sa

from shared.catalog.importing import (
    drafted_codes,
    drafted_media,
    drafted_product,
    drafted_variant,
)
from shared.catalog.tables import BARCODE, MEDIA, PRODUCT, VARIANT, MediaRow, ProductRow, VariantRow
from shared.customers.tables import CUSTOMER
from shared.inventory.tables import STOCK_LEVEL
from shared.kernel.ids import ImportId, LocationId, MediaId, ProductId, VariantId
from shared.orders.queries import known_numbers
from shared.plugins.points.importer import OrderDraft, ProductDraft
from shared.storage.reader import Reader

_NOWHERE = ImportId("00000000-0000-0000-0000-000000000000")
_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
_KEYS_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What changes, in numbers of rows of each kind; all can be added up over batches.

    A product counts as changed when anything of it differs: its own words, a variant, a barcode or
    a picture. `stock_changed` counts variants whose stock on hand differs from the file,
    `stock_delta_qty` is what all of them together gain. `barcodes_kept` are barcodes that another
    variant has already and keeps.
    """

    products_new: int = 0
    products_changed: int = 0
    products_unchanged: int = 0
    variants_new: int = 0
    variants_changed: int = 0
    variants_unchanged: int = 0
    media_new: int = 0
    barcodes_new: int = 0
    barcodes_kept: int = 0
    stock_changed: int = 0
    stock_delta_qty: int = 0
    orders_new: int = 0
    orders_known: int = 0
    order_lines_new: int = 0
    customers_new: int = 0

    def __add__(self, other: "Effects") -> "Effects":
        return Effects(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(self)
            }
        )


def products_effects(
    reader: Reader, drafts: Sequence[ProductDraft], location_id: LocationId | None
) -> Effects:
    """What ImportProducts with these drafts would do."""
    shelf = _Shelf(reader, drafts, location_id)
    for draft in drafts:
        shelf.count(draft)
    return Effects(**shelf.counts)


class _Shelf:
    """What the catalog holds of one batch, read once per table; counts what drafts change in it.

    `counts` has the names of Effects.
    """

    def __init__(
        self, reader: Reader, drafts: Sequence[ProductDraft], location_id: LocationId | None
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._has_location = location_id is not None
        handles = [draft.handle for draft in drafts]
        self._products = {
            row.handle: row for row in reader.find(ProductRow, PRODUCT.c.handle.in_(handles))
        }
        ids = [row.product_id for row in self._products.values()]
        self._variants: dict[str, dict[tuple[str, ...], VariantRow]] = {}
        for variant in reader.find(VariantRow, VARIANT.c.product_id.in_(ids)):
            self._variants.setdefault(variant.product_id, {})[variant.option_values] = variant
        self._media: dict[str, dict[str, MediaRow]] = {}
        for media in reader.find(MediaRow, MEDIA.c.product_id.in_(ids)):
            self._media.setdefault(media.product_id, {})[media.url] = media
        self._holders = dict(_barcodes(reader, drafts))
        self._on_hand = dict(self._levels(reader, location_id))

    def _levels(self, reader: Reader, location_id: LocationId | None) -> Iterator[tuple[str, int]]:
        known = [
            row.variant_id for variants in self._variants.values() for row in variants.values()
        ]
        for part in _parts(known):
            statement = sa.select(STOCK_LEVEL.c.variant_id, STOCK_LEVEL.c.on_hand_qty).where(
                STOCK_LEVEL.c.location_id == location_id, STOCK_LEVEL.c.variant_id.in_(part)
            )
            yield from ((row[0], row[1]) for row in reader.rows(statement))

    def count(self, draft: ProductDraft) -> None:
        known = self._products.get(draft.handle)
        product = drafted_product(
            draft,
            known=known,
            product_id=known.product_id if known else ProductId(""),
            import_id=_NOWHERE,
            now=_ONCE,
        )
        is_same = self._count_variants(draft, product)
        is_same &= self._count_media(draft, product)
        if known is None:
            self.counts["products_new"] += 1
        elif is_same and product == known and not self._media_differs(draft, product):
            self.counts["products_unchanged"] += 1
        else:
            self.counts["products_changed"] += 1

    def _count_variants(self, draft: ProductDraft, product: ProductRow) -> bool:
        """Whether all variants and barcodes are there already, just so."""
        there = self._variants.get(product.product_id, {})
        is_same = True
        for position, variant in enumerate(draft.variants):
            same = there.get(variant.option_values)
            if same is None:
                kind, variant_id = "variants_new", VariantId("")
            else:
                variant_id = same.variant_id
                row = drafted_variant(variant, product, variant_id=variant_id, position=position)
                kind = "variants_unchanged" if same == row else "variants_changed"
            self.counts[kind] += 1
            is_same &= kind == "variants_unchanged"
            is_same &= self._count_codes(drafted_codes(variant), variant_id)
            if self._has_location and variant.is_stock_tracked:
                delta = variant.on_hand_qty - self._on_hand.get(variant_id, 0)
                self.counts["stock_changed"] += int(delta != 0)
                self.counts["stock_delta_qty"] += delta
        return is_same

    def _count_codes(self, codes: Iterable[str], variant_id: VariantId) -> bool:
        """Whether none of the barcodes is new."""
        new = 0
        for code in codes:
            holder = self._holders.get(code)
            new += holder is None
            self.counts["barcodes_kept"] += holder is not None and holder != variant_id
        self.counts["barcodes_new"] += new
        return new == 0

    def _count_media(self, draft: ProductDraft, product: ProductRow) -> bool:
        """Whether none of the pictures is new."""
        there = self._media.get(product.product_id, {})
        new = sum(media.url not in there for media in draft.media)
        self.counts["media_new"] += new
        return new == 0

    def _media_differs(self, draft: ProductDraft, product: ProductRow) -> bool:
        there: Mapping[str, MediaRow] = self._media.get(product.product_id, {})
        return any(
            drafted_media(media, product, known=same, media_id=MediaId(same.media_id)) != same
            for media in draft.media
            if (same := there.get(media.url)) is not None
        )


def _barcodes(reader: Reader, drafts: Sequence[ProductDraft]) -> Iterator[tuple[str, str]]:
    codes = [
        code for draft in drafts for variant in draft.variants for code in drafted_codes(variant)
    ]
    for part in _parts(codes):
        statement = sa.select(BARCODE.c.code, BARCODE.c.variant_id).where(BARCODE.c.code.in_(part))
        yield from ((row[0], row[1]) for row in reader.rows(statement))


def known_orders(reader: Reader, drafts: Sequence[OrderDraft]) -> frozenset[str]:
    """Those references of the drafts that orders bear already."""
    return known_numbers(reader, [draft.reference for draft in drafts])


def known_customer_codes(reader: Reader, codes: Sequence[str]) -> frozenset[str]:
    """Those of the codes that customers bear already."""
    statement = sa.select(CUSTOMER.c.code).where(CUSTOMER.c.code.in_(list(codes)))
    return frozenset(row[0] for row in reader.rows(statement))


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(keys), _KEYS_AT_ONCE):
        yield keys[first : first + _KEYS_AT_ONCE]
