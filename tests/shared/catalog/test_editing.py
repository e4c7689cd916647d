"""Many products edited at once: what can be done is done, and the rest is told."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.catalog.commands import (
    MAX_EDITS,
    EditProducts,
    ProductEdit,
    ProductStatus,
    ProductValues,
    VariantEdit,
    VariantValues,
)
from shared.catalog.editing import only_lines
from shared.catalog.queries import search_variants
from shared.catalog.tables import ProductRow, VariantRow
from shared.inbox.queries import open_cases
from shared.kernel.errors import Rejected
from shared.kernel.ids import ProductId, VariantId, new_id
from shared.kernel.messages import OutcomeState
from shared.kernel.permissions import Permission
from shared.storage.reader import Reader
from tests.shared.catalog.edits import edits_of
from tests.shared.runtime.test_read_ahead import statements
from tests.support.databases import sqlite_replica
from tests.support.shop import Shop, empty_sqlite

AMOUNT_LIMIT = 2**53


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


def variant(shop: Shop, variant_id: VariantId) -> VariantRow:
    return Reader(shop.connection).require(VariantRow, variant_id)


def product(shop: Shop, variant_id: VariantId) -> ProductRow:
    return Reader(shop.connection).require(ProductRow, variant(shop, variant_id).product_id)


def price(variant_id: VariantId, amount: int, *, was: int | None = None) -> VariantEdit:
    """An edit of one price; `was` makes it depend on the present one."""
    expected = None if was is None else VariantValues(price_amount=was)
    return VariantEdit(
        variant_id=variant_id, to=VariantValues(price_amount=amount), expected=expected
    )


def test_what_cannot_be_done_is_left_out_and_told_in_one_case(shop: Shop) -> None:
    mug, plate, gone = shop.product("Mug"), shop.product("Plate"), VariantId(new_id())
    edits = (price(mug, 1100), price(gone, 1), price(plate, -1), price(plate, 900, was=1000))

    outcome = shop.decide(EditProducts(variants=edits))

    assert outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert (variant(shop, mug).price_amount, variant(shop, plate).price_amount) == (1100, 900)
    (case,) = shop.fetch(open_cases)
    assert case.code == "edits_left_out"
    assert case.params == {
        "left_out": 2,
        "edits": 4,
        "name": gone,
        "reason": "variant_not_found",
        "lines": "1-2",
    }


def test_a_command_of_which_nothing_can_be_done_is_refused(shop: Shop) -> None:
    mug = shop.product("Mug")
    command = EditProducts(variants=(price(mug, -1),))

    with pytest.raises(Rejected, match="edits_left_out") as refused:
        shop.do(command)

    assert (refused.value.params["name"], refused.value.params["reason"]) == (
        "Mug",
        "price_negative",
    )
    assert shop.decide(command).state is OutcomeState.REJECTED


def test_there_must_be_edits_and_not_too_many(shop: Shop) -> None:
    mug = shop.product("Mug")
    with pytest.raises(Rejected, match="edits_missing"):
        shop.do(EditProducts())
    with pytest.raises(Rejected, match="edits_too_many"):
        shop.do(EditProducts(variants=(price(mug, 1),) * (MAX_EDITS + 1)))


def test_a_price_that_somebody_else_changed_meanwhile_stays_where_it_was_expected(
    shop: Shop,
) -> None:
    mug, plate = shop.product("Mug"), shop.product("Plate")
    shop.do(EditProducts(variants=(price(mug, 1200),)))

    shop.do(EditProducts(variants=(price(mug, 500, was=1000), price(plate, 500, was=1000))))

    assert (variant(shop, mug).price_amount, variant(shop, plate).price_amount) == (1200, 500)


def test_prices_need_their_own_permission_and_everything_else_that_of_the_catalog(
    shop: Shop,
) -> None:
    mug = shop.product("Mug")
    product_id = variant(shop, mug).product_id
    tax = VariantEdit(variant_id=mug, to=VariantValues(tax_code="reduced"))
    before = VariantEdit(variant_id=mug, to=VariantValues(compare_at_amount=1))
    archived = ProductEdit(product_id=product_id, to=ProductValues(status=ProductStatus.ARCHIVED))
    prices, catalog = frozenset({Permission.PRICE_EDIT}), frozenset({Permission.CATALOG_EDIT})

    for command in (EditProducts(variants=(price(mug, 1),)), EditProducts(variants=(before,))):
        shop.do(command, permissions=prices)
        with pytest.raises(Rejected, match="permission_missing"):
            shop.do(command, permissions=catalog)
    for command in (EditProducts(variants=(tax,)), EditProducts(products=(archived,))):
        shop.do(command, permissions=catalog)
        with pytest.raises(Rejected, match="permission_missing"):
            shop.do(command, permissions=prices)
    mixed = EditProducts(products=(archived,), variants=(price(mug, 1),))
    for held in (prices, catalog, frozenset[Permission]()):
        with pytest.raises(Rejected, match="permission_missing"):
            shop.do(mixed, permissions=held)


def test_other_names_are_found_by_search_at_once() -> None:
    shop = Shop(sqlite_replica().connect())
    mug, plate = shop.product("Mug", sku="M-1", barcode="111"), shop.product("Plate")
    renamed = ProductEdit(
        product_id=variant(shop, mug).product_id, to=ProductValues(title="Cup", vendor="Acme")
    )

    shop.do(EditProducts(products=(renamed,)))

    for text in ("cup", "acme", "m-1", "111"):
        assert [row.variant_id for row in shop.fetch(search_variants, text)] == [mug]
    assert shop.fetch(search_variants, "mug") == ()
    assert product(shop, plate).vendor == ""
    shop.connection.close()


def test_tags_are_added_and_taken_away_beside_those_of_others(shop: Shop) -> None:
    mug = shop.product("Mug")
    product_id = variant(shop, mug).product_id
    shop.do(EditProducts(products=(ProductEdit(product_id=product_id, tags_added=("a", "b")),)))

    edit = ProductEdit(product_id=product_id, tags_added=("c", "a", "c"), tags_removed=("b",))
    shop.do(EditProducts(products=(edit,)))

    assert product(shop, mug).tags == ("a", "c")


def test_a_thousand_edits_take_as_many_statements_as_twenty(shop: Shop) -> None:
    rows = [variant(shop, shop.product(f"Product {n}")) for n in range(100)]

    def asked(count: int) -> int:
        some = rows[:count]
        command = EditProducts(
            products=tuple(
                ProductEdit(product_id=row.product_id, to=ProductValues(vendor=f"of {count}"))
                for row in some
            ),
            variants=tuple(price(row.variant_id, count) for row in some),
        )
        with statements(shop) as made:
            shop.do(command)
        return len(made)

    assert asked(20) == asked(100)


def test_the_lines_that_a_case_names_can_be_taken_out_of_the_command() -> None:
    variants = tuple(price(VariantId(new_id()), amount) for amount in range(6))
    products = (ProductEdit(product_id=ProductId(new_id())),)
    command = EditProducts(products=products, variants=variants)

    assert only_lines(command, "0,2-3,6") == EditProducts(
        products=products, variants=(variants[1], variants[2], variants[5])
    )


class Model:
    """What a shop with some products should look like after edits, in the plainest words."""

    def __init__(self, rows: dict[str, ProductRow], variants: dict[str, VariantRow]) -> None:
        self.products = rows
        self.variants = variants

    def apply(self, command: EditProducts) -> list[int]:
        """Do what can be done; the places of what cannot."""
        done = [self._product(edit) for edit in command.products]
        done += [self._variant(edit) for edit in command.variants]
        return [place for place, is_done in enumerate(done) if not is_done]

    def _product(self, edit: ProductEdit) -> bool:
        row = self.products.get(edit.product_id)
        title = edit.to.title
        if row is None or (title is not None and not 0 < len(title.strip()) <= 255):
            return False
        for name in ("title", "vendor", "product_type", "status"):
            wanted = getattr(edit.expected, name, None)
            if wanted is not None and wanted != getattr(row, name):
                return False
        for name in ("title", "vendor", "product_type", "status"):
            value = getattr(edit.to, name)
            if value is not None:
                row = replace(row, **{name: value.strip() if name != "status" else value})
        kept = [tag for tag in row.tags if tag not in edit.tags_removed]
        tags = dict.fromkeys([*kept, *edit.tags_added])
        self.products[edit.product_id] = replace(row, tags=tuple(tags))
        return True

    def _variant(self, edit: VariantEdit) -> bool:
        row = self.variants.get(edit.variant_id)
        amounts = (edit.to.price_amount or 0, edit.to.compare_at_amount or 0)
        if row is None or not all(0 <= amount < AMOUNT_LIMIT for amount in amounts):
            return False
        for name in ("price_amount", "compare_at_amount", "tax_code"):
            wanted = getattr(edit.expected, name, None)
            if wanted is not None and wanted != (getattr(row, name) or 0):
                return False
        if edit.to.price_amount is not None:
            row = replace(row, price_amount=edit.to.price_amount)
        if edit.to.compare_at_amount is not None:
            row = replace(row, compare_at_amount=edit.to.compare_at_amount or None)
        if edit.to.tax_code is not None:
            row = replace(row, tax_code=edit.to.tax_code)
        self.variants[edit.variant_id] = row
        return True


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=st.data())
def test_any_edits_do_what_they_would_do_one_by_one(story: st.DataObject) -> None:
    shop = Shop(empty_sqlite())
    kept = [shop.product(f"Product {n}") for n in range(3)]
    model = Model(
        {variant(shop, each).product_id: product(shop, each) for each in kept},
        {each: variant(shop, each) for each in kept},
    )
    product_ids = [*(ProductId(each) for each in model.products), ProductId(new_id())]
    command = story.draw(edits_of(product_ids, [*kept, VariantId(new_id())]))
    edits = len(command.products) + len(command.variants)
    left_out = model.apply(command)

    outcome = shop.decide(command)

    if not edits or len(left_out) == edits:
        assert outcome.state is OutcomeState.REJECTED
    elif left_out:
        assert outcome.params["left_out"] == len(left_out)
    else:
        assert outcome.state is OutcomeState.APPLIED
    for row in model.variants.values():
        now = variant(shop, row.variant_id)
        owner = product(shop, row.variant_id)
        wanted = model.products[owner.product_id]
        assert replace(now, search_text="") == replace(row, search_text="")
        assert replace(owner, updated_at=wanted.updated_at) == wanted
        assert now.search_text == f"{wanted.title} {wanted.vendor}".strip()
