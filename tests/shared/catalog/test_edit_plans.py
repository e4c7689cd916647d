"""Plans of bulk edits: what they say is what happens, and undo takes back just that."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.commands import (
    MAX_EDITS,
    ChangePrice,
    EditProducts,
    ProductStatus,
    ProductValues,
    VariantEdit,
    VariantValues,
)
from shared.catalog.editing import BulkEdit, EditPlan, planned_edits
from shared.catalog.model import PriceMove, PriceRule
from shared.catalog.tables import ProductRow, VariantRow
from shared.kernel.ids import VariantId, new_id
from shared.kernel.messages import OutcomeState
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite

PERCENT = PriceMove.BY_PERCENT


@pytest.fixture
def shop() -> Shop:
    made = Shop(empty_sqlite())
    for title, amount in (("Mug", 1000), ("Plate", 499), ("Spoon", 0)):
        made.product(title, price_amount=amount)
    return made


def plan(shop: Shop, edit: BulkEdit) -> EditPlan:
    """The plan for all products of the shop."""
    ids = [row.product_id for row in Reader(shop.connection).find(ProductRow)]
    return shop.fetch(planned_edits, ids, edit)


def prices(shop: Shop) -> dict[str, int]:
    """All prices, by the title of the product."""
    titles = {row.product_id: row.title for row in Reader(shop.connection).find(ProductRow)}
    variants = Reader(shop.connection).find(VariantRow)
    return {titles[row.product_id]: row.price_amount for row in variants}


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (PriceRule(move=PriceMove.SET, by=250), 1000, 250),
        (PriceRule(move=PriceMove.BY_AMOUNT, by=-250), 1000, 750),
        (PriceRule(move=PriceMove.BY_AMOUNT, by=-250), 100, -150),
        (PriceRule(move=PERCENT, by=1000), 1000, 1100),
        (PriceRule(move=PERCENT, by=1000), 5, 6),
        (PriceRule(move=PERCENT, by=-10_000), 1000, 0),
        (PriceRule(move=PERCENT, by=-3333), 1000, 667),
        (PriceRule(move=PERCENT, by=1000, step_amount=5), 999, 1100),
        (PriceRule(move=PERCENT, by=0, step_amount=100, ending_amount=99), 1000, 999),
        (PriceRule(move=PERCENT, by=0, step_amount=100, ending_amount=99), 1049, 1099),
        (PriceRule(move=PERCENT, by=0, step_amount=100, ending_amount=99), 3, 99),
        (PriceRule(move=PERCENT, by=0, step_amount=100), 3, 100),
        (PriceRule(move=PERCENT, by=0, step_amount=100), 0, 0),
    ],
)
def test_a_price_is_moved_and_rounded(rule: PriceRule, before: int, after: int) -> None:
    assert rule.price(before) == after


@given(
    amount=st.integers(0, 10**7),
    by=st.integers(-10_000, 50_000),
    step=st.sampled_from((1, 5, 10, 100, 1000)),
    ending=st.sampled_from((0, 99, 95)),
)
def test_percentages_are_rounded_as_by_hand(
    *, amount: int, by: int, step: int, ending: int
) -> None:
    rule = PriceRule(move=PERCENT, by=by, step_amount=step, ending_amount=ending % step)
    exact = Decimal(amount) * (10_000 + by) / 10_000

    found = rule.price(amount)

    steps = ((exact - ending % step) / step).quantize(Decimal(1), ROUND_HALF_UP)
    wanted = int(steps) * step + ending % step
    if exact > 0 and exact - ending % step > 0:
        assert found == (wanted if wanted > 0 else ending % step or step)
    assert found >= 0
    assert (found == 0) == (exact == 0)


def test_what_a_plan_says_is_what_happens(shop: Shop) -> None:
    raised = plan(shop, BulkEdit(price=PriceRule(move=PriceMove.BY_AMOUNT, by=-100)))

    assert (raised.edits, raised.unchanged, raised.impossible) == (2, 0, {"price_negative": 1})
    assert [(each.product_title, each.after_amount) for each in raised.examples] == [
        ("Mug", 900),
        ("Plate", 399),
    ]
    for command in raised.commands():
        assert shop.do(command).state is OutcomeState.APPLIED
    assert prices(shop) == {"Mug": 900, "Plate": 399, "Spoon": 0}


def test_what_is_so_already_is_not_edited(shop: Shop) -> None:
    assert plan(shop, BulkEdit(tax_code="standard")).edits == 0
    assert plan(shop, BulkEdit(price=PriceRule(move=PriceMove.SET, by=499))).edits == 2
    active = plan(shop, BulkEdit(to=ProductValues(status=ProductStatus.ACTIVE)))
    assert (active.edits, active.unchanged) == (0, 3)


def test_the_old_price_is_kept_to_be_shown_beside_a_lower_one(shop: Shop) -> None:
    half = BulkEdit(price=PriceRule(move=PERCENT, by=-5000), keeps_old_price=True)
    for _time in range(2):
        for command in plan(shop, half).commands():
            shop.do(command)

    shown = {
        row.price_amount: row.compare_at_amount for row in Reader(shop.connection).find(VariantRow)
    }
    assert shown == {250: 1000, 125: 499, 0: None}


EDITS: dict[str, BulkEdit] = {
    "price": BulkEdit(price=PriceRule(move=PERCENT, by=-1000), keeps_old_price=True),
    "set": BulkEdit(price=PriceRule(move=PriceMove.SET, by=1)),
    "tax": BulkEdit(tax_code="reduced"),
    "words": BulkEdit(to=ProductValues(vendor="Acme", status=ProductStatus.ARCHIVED)),
    "tags": BulkEdit(tags_added=("new",), tags_removed=("old",)),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_undo_makes_everything_as_it_was(shop: Shop, edit: BulkEdit) -> None:
    for command in plan(shop, BulkEdit(tags_added=("old",))).commands():
        shop.do(command)
    before = everything(shop)
    planned = plan(shop, edit)

    for command in planned.commands():
        shop.do(command)
    assert everything(shop) != before
    for command in planned.undo_commands():
        shop.do(command)

    assert everything(shop) == before


def test_undo_spares_what_somebody_else_did_since(shop: Shop) -> None:
    planned = plan(shop, BulkEdit(price=PriceRule(move=PriceMove.SET, by=700)))
    for command in planned.commands():
        shop.do(command)
    mug = planned.variants[0].variant_id
    shop.do(ChangePrice(variant_id=mug, price_amount=123))

    (undo,) = planned.undo_commands()
    outcome = shop.do(undo)

    assert (outcome.params["left_out"], outcome.params["reason"]) == (1, "edited_meanwhile")
    assert sorted(prices(shop).values()) == [0, 123, 499]


def test_a_moved_price_that_changed_on_its_way_is_left_alone(shop: Shop) -> None:
    moved = plan(shop, BulkEdit(price=PriceRule(move=PERCENT, by=1000)))
    fixed = plan(shop, BulkEdit(price=PriceRule(move=PriceMove.SET, by=1)))
    for edit in fixed.variants:
        shop.do(ChangePrice(variant_id=edit.variant_id, price_amount=600))

    outcome = shop.decide(moved.commands()[0])
    assert outcome.state is OutcomeState.REJECTED
    assert shop.decide(fixed.commands()[0]).state is OutcomeState.APPLIED


def everything(shop: Shop) -> tuple[object, ...]:
    """All that an edit may change."""
    reader = Reader(shop.connection)
    products = [
        (row.title, row.vendor, row.product_type, row.status, row.tags)
        for row in reader.find(ProductRow)
    ]
    return products, reader.find(VariantRow)


@pytest.mark.parametrize(
    ("edits", "commands"), [(0, 0), (1, 1), (MAX_EDITS, 1), (MAX_EDITS + 1, 2)]
)
def test_a_large_plan_is_several_commands(edits: int, commands: int) -> None:
    variant_id = VariantId(new_id())
    edit = VariantEdit(variant_id=variant_id, to=VariantValues(price_amount=1))
    large = EditPlan(variants=(edit,) * edits, undo_variants=(edit,) * edits)

    both: tuple[Callable[[], list[EditProducts]], ...] = (large.commands, large.undo_commands)
    for made in both:
        sizes = [len(command.variants) for command in made()]
        assert (sum(sizes), len(sizes)) == (edits, commands)


def test_plans_of_several_parts_are_added_up(shop: Shop) -> None:
    down = plan(shop, BulkEdit(price=PriceRule(move=PriceMove.BY_AMOUNT, by=-100)))

    both = down + down

    assert (both.edits, both.impossible) == (4, {"price_negative": 2})
    assert len(both.undo_variants) == len(both.examples) == 4
