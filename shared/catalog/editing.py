"""Many products and variants edited at once: the plan that a person sees, and its handler."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa

from shared.catalog.commands import (
    MAX_EDITS,
    EditProducts,
    ProductEdit,
    ProductValues,
    VariantEdit,
    VariantValues,
)
from shared.catalog.handlers import checked_price, checked_title
from shared.catalog.model import PriceMove, PriceRule, search_text
from shared.catalog.tables import PRODUCT, VARIANT, BarcodeRow, ProductRow, VariantRow
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.storage.reader import Reader
from shared.storage.unit_of_work import UnitOfWork

_SHOWN = 4
_NAMES = {
    kind: tuple(each.name for each in fields(kind)) for kind in (ProductValues, VariantValues)
}


_PRICED = (
    sa.select(
        VARIANT.c.variant_id,
        PRODUCT.c.title,
        VARIANT.c.title,
        VARIANT.c.price_amount,
        VARIANT.c.compare_at_amount,
        VARIANT.c.tax_code,
    )
    .join(PRODUCT.table, PRODUCT.c.product_id == VARIANT.c.product_id)
    .where(VARIANT.c.is_active.is_(True))
    .order_by(PRODUCT.c.title, PRODUCT.c.product_id, VARIANT.c.position)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """What is to become of many products; None and nothing leave things as they are.

    With `keeps_old_price` the price before becomes the one that is shown struck through.
    """

    price: PriceRule | None = None
    keeps_old_price: bool = False
    tax_code: str | None = None
    to: ProductValues = field(default_factory=ProductValues)
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceExample:
    """One price before and after, in minor units."""

    product_title: str
    title: str
    before_amount: int
    after_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlan:
    """What a bulk edit would do; plans of several parts can be added up.

    `undo` holds the opposite of each edit, which is left out where somebody else has been there
    since. `impossible` counts by refusal what cannot be done and is not among the edits.
    """

    products: tuple[ProductEdit, ...] = ()
    variants: tuple[VariantEdit, ...] = ()
    undo_products: tuple[ProductEdit, ...] = ()
    undo_variants: tuple[VariantEdit, ...] = ()
    unchanged: int = 0
    impossible: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[PriceExample, ...] = ()

    def __add__(self, other: "EditPlan") -> "EditPlan":
        return EditPlan(
            products=self.products + other.products,
            variants=self.variants + other.variants,
            undo_products=self.undo_products + other.undo_products,
            undo_variants=self.undo_variants + other.undo_variants,
            unchanged=self.unchanged + other.unchanged,
            impossible=Counter(self.impossible) + Counter(other.impossible),
            examples=(self.examples + other.examples)[:_SHOWN],
        )

    @property
    def edits(self) -> int:
        """How many products and variants change."""
        return len(self.products) + len(self.variants)

    def commands(self) -> list[EditProducts]:
        """The edits in commands, as few as they fit into."""
        return _in_commands(self.products, self.variants)

    def undo_commands(self) -> list[EditProducts]:
        """What takes the edits back."""
        return _in_commands(self.undo_products, self.undo_variants)


def planned_edits(reader: Reader, product_ids: Sequence[str], edit: BulkEdit) -> EditPlan:
    """What a bulk edit of these products would do as things are now; some thousands at a time.

    Prices that are moved are expected to be still what they are now when the edit arrives.
    """
    plan = EditPlan()
    if edit.to != ProductValues() or edit.tags_added or edit.tags_removed:
        plan += _planned_products(reader, product_ids, edit)
    if edit.price is not None or edit.tax_code is not None:
        plan += _planned_variants(reader, product_ids, edit)
    return plan


def _planned_products(reader: Reader, product_ids: Sequence[str], edit: BulkEdit) -> EditPlan:
    to = asdict(edit.to)
    names = ("product_id", "tags", *to)
    columns = [PRODUCT.c[name] for name in names]
    found = sa.select(*columns).where(PRODUCT.c.product_id.in_(list(product_ids)))
    edits, opposites, rows = [], [], reader.rows(found.order_by(PRODUCT.c.product_id))
    for row in rows:
        now = dict(zip(names, row, strict=True))
        before = {n: now[n] for n, value in to.items() if value is not None and value != now[n]}
        added = tuple(tag for tag in dict.fromkeys(edit.tags_added) if tag not in now["tags"])
        removed = tuple(tag for tag in now["tags"] if tag in edit.tags_removed)
        if before or added or removed:
            after = ProductValues(**{name: to[name] for name in before})
            edits.append(
                ProductEdit(
                    product_id=now["product_id"], to=after, tags_added=added, tags_removed=removed
                )
            )
            opposites.append(
                ProductEdit(
                    product_id=now["product_id"],
                    to=ProductValues(**before),
                    tags_added=removed,
                    tags_removed=added,
                    expected=after,
                )
            )
    return EditPlan(
        products=tuple(edits), undo_products=tuple(opposites), unchanged=len(rows) - len(edits)
    )


def _planned_variants(reader: Reader, product_ids: Sequence[str], edit: BulkEdit) -> EditPlan:
    edits, opposites = [], []
    examples: list[PriceExample] = []
    impossible: Counter[str] = Counter()
    rows = reader.rows(_PRICED.where(VARIANT.c.product_id.in_(list(product_ids))))
    for variant_id, product_title, title, price, compare_at, tax_code in rows:
        now = VariantValues(
            price_amount=price, compare_at_amount=compare_at or 0, tax_code=tax_code
        )
        try:
            to = _moved(now, edit)
        except Rejected as refusal:
            impossible[refusal.code] += 1
            continue
        before = {n: getattr(now, n) for n in _spoken(to)}
        if not before:
            continue
        is_moved = edit.price is not None and edit.price.move is not PriceMove.SET
        expected = (
            VariantValues(price_amount=price) if is_moved and "price_amount" in before else None
        )
        edits.append(VariantEdit(variant_id=variant_id, to=to, expected=expected))
        opposites.append(
            VariantEdit(variant_id=variant_id, to=VariantValues(**before), expected=to)
        )
        if to.price_amount is not None and len(examples) < _SHOWN:
            examples.append(PriceExample(product_title, title, price, to.price_amount))
    return EditPlan(
        variants=tuple(edits),
        undo_variants=tuple(opposites),
        unchanged=len(rows) - len(edits) - impossible.total(),
        impossible=impossible,
        examples=tuple(examples),
    )


def _moved(now: VariantValues, edit: BulkEdit) -> VariantValues:
    """What of a variant becomes different. Raises Rejected for a price that cannot be."""
    price = now.price_amount or 0
    after: dict[str, Any] = {} if edit.tax_code is None else {"tax_code": edit.tax_code}
    if edit.price is not None:
        new = checked_price(edit.price.price(price), "price_amount")
        after["price_amount"] = new
        if edit.keeps_old_price and new < price:
            after["compare_at_amount"] = max(price, now.compare_at_amount or 0)
    return VariantValues(**{n: v for n, v in after.items() if v != getattr(now, n)})


def _in_commands(
    products: Sequence[ProductEdit], variants: Sequence[VariantEdit]
) -> list[EditProducts]:
    made = [
        EditProducts(products=tuple(products[at : at + MAX_EDITS]))
        for at in range(0, len(products), MAX_EDITS)
    ]
    made += [
        EditProducts(variants=tuple(variants[at : at + MAX_EDITS]))
        for at in range(0, len(variants), MAX_EDITS)
    ]
    return made


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One edit that could not be done: its place in the command, products first, and why."""

    place: int
    name: str
    code: str


def edit_products(command: EditProducts, work: UnitOfWork, context: Context) -> None:
    """Do all edits that can be done.

    The others are told in one case, whose `lines` are their places: `0-3,7`. A command of which
    nothing can be done is refused with the same words.
    """
    edits = len(command.products) + len(command.variants)
    if not edits:
        raise Rejected("edits_missing")
    if edits > MAX_EDITS:
        raise Rejected("edits_too_many", limit=MAX_EDITS)
    left_out = [
        *_edit_products(command.products, work, context),
        *_edit_variants(command.variants, work, first=len(command.products)),
    ]
    if not left_out:
        return
    refusal = Rejected(
        "edits_left_out",
        left_out=len(left_out),
        edits=edits,
        name=left_out[0].name,
        reason=left_out[0].code,
        lines=_as_ranges([each.place for each in left_out]),
    )
    if len(left_out) == edits:
        raise refusal
    context.note(refusal)


def only_lines(command: EditProducts, lines: str) -> EditProducts:
    """The part of a command that a case about it names in `lines`."""
    places = set(_from_ranges(lines))
    first = len(command.products)
    return EditProducts(
        products=tuple(edit for at, edit in enumerate(command.products) if at in places),
        variants=tuple(edit for at, edit in enumerate(command.variants, first) if at in places),
    )


def _edit_products(
    edits: Sequence[ProductEdit], work: UnitOfWork, context: Context
) -> Iterator[LeftOut]:
    before = work.lock(ProductRow, [(edit.product_id,) for edit in edits])
    for place, edit in enumerate(edits):
        try:
            product = work.require(ProductRow, edit.product_id)
            edited = _edited_product(product, edit)
        except Rejected as refusal:
            known = before.get((edit.product_id,))
            yield LeftOut(place, known.title if known else edit.product_id, refusal.code)
            continue
        if edited != product:
            work.put(replace(edited, updated_at=context.business_at))
    after = work.lock(ProductRow, list(before))
    _search_anew(
        work,
        [
            product
            for key, product in after.items()
            if (product.title, product.vendor) != (before[key].title, before[key].vendor)
        ],
    )


def _edited_product(product: ProductRow, edit: ProductEdit) -> ProductRow:
    to = edit.to
    if edit.expected is not None:
        _check_unchanged(_spoken(edit.expected), product)
    tags = [tag for tag in product.tags if tag not in edit.tags_removed]
    tags += [tag for tag in dict.fromkeys(edit.tags_added) if tag not in tags]
    return replace(
        product,
        title=product.title if to.title is None else checked_title(to.title),
        vendor=product.vendor if to.vendor is None else to.vendor.strip(),
        product_type=product.product_type if to.product_type is None else to.product_type.strip(),
        status=product.status if to.status is None else to.status,
        tags=tuple(tags),
    )


def _search_anew(work: UnitOfWork, products: Sequence[ProductRow]) -> None:
    """Let the variants of products be found by what these are called now."""
    if not products:
        return
    of_product = work.children_of_all(
        VariantRow, "product_id", [row.product_id for row in products]
    )
    variants = [variant for family in of_product.values() for variant in family]
    codes = work.children_of_all(BarcodeRow, "variant_id", [row.variant_id for row in variants])
    for product in products:
        for variant in of_product[product.product_id]:
            words = search_text(
                product.title,
                variant.title,
                sku=variant.sku,
                barcodes=[barcode.code for barcode in codes[variant.variant_id]],
                vendor=product.vendor,
            )
            work.put(replace(variant, search_text=words))


def _edit_variants(
    edits: Sequence[VariantEdit], work: UnitOfWork, *, first: int
) -> Iterator[LeftOut]:
    known = work.lock(VariantRow, [(edit.variant_id,) for edit in edits])
    refused: list[tuple[int, VariantEdit, str]] = []
    for place, edit in enumerate(edits, first):
        try:
            variant = work.require(VariantRow, edit.variant_id)
            work.put(_edited_variant(variant, edit))
        except Rejected as refusal:
            refused.append((place, edit, refusal.code))
    owners = {
        edit.variant_id: row.product_id
        for _place, edit, _code in refused
        if (row := known.get((edit.variant_id,))) is not None
    }
    products = work.lock(ProductRow, [(owner,) for owner in dict.fromkeys(owners.values())])
    for place, edit, code in refused:
        product = products.get((owners.get(edit.variant_id, ""),))
        yield LeftOut(place, product.title if product else edit.variant_id, code)


def _edited_variant(variant: VariantRow, edit: VariantEdit) -> VariantRow:
    to = edit.to
    if edit.expected is not None:
        _check_unchanged(_spoken(edit.expected), variant)
    price, compare_at = variant.price_amount, variant.compare_at_amount
    if to.price_amount is not None:
        price = checked_price(to.price_amount, "price_amount")
    if to.compare_at_amount is not None:
        compare_at = checked_price(to.compare_at_amount, "compare_at_amount") or None
    return replace(
        variant,
        price_amount=price,
        compare_at_amount=compare_at,
        tax_code=variant.tax_code if to.tax_code is None else to.tax_code,
    )


def _spoken(values: ProductValues | VariantValues) -> Mapping[str, object]:
    said = {name: getattr(values, name) for name in _NAMES[type(values)]}
    return {name: value for name, value in said.items() if value is not None}


def _check_unchanged(expected: Mapping[str, object], row: ProductRow | VariantRow) -> None:
    for name, value in expected.items():
        now = getattr(row, name)
        if (0 if now is None else now) != value:
            raise Rejected("edited_meanwhile", field=name)


def _as_ranges(places: Sequence[int]) -> str:
    """Ascending numbers in few letters: 0-3,7."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _from_ranges(text: str) -> Iterator[int]:
    for run in text.split(","):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
