"""Many products at once: chosen by keys, seen before, done as one, and taken back as one."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from desktop.ui.table_view import TableView
from desktop.workspaces.merchant.edit_many.rows import roundings
from desktop.workspaces.merchant.places import Screen
from shared.catalog.commands import MAX_EDITS, ChangePrice, ProductStatus
from shared.catalog.queries import (
    ProductDetail,
    product_detail,
    product_ids,
    product_list,
    status_counts,
)
from shared.kernel.permissions import Permission
from tests.desktop.workspaces.merchant import big_shop
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy
from tests.desktop.workspaces.merchant.test_products import search
from tests.support.desk import SomebodySignedIn

PRODUCTS = 62
KEPT = ("clock", "vintage")


async def begin(at: BackOffice, text: str = "") -> None:
    """Choose all products that a search finds, and ask to edit them."""
    await at.go(Screen.PRODUCTS)
    if text:
        await search(at, text)
    await at.press("Ctrl+Shift+A", "Ctrl+E")


async def alarm(at: BackOffice) -> ProductDetail:
    """The alarm clock, of which there are a red and a green one for 3.75."""
    (product_id,) = await at.fetch(product_ids, text="alarm")
    return await at.fetch(product_detail, product_id)


async def prices(at: BackOffice) -> list[int]:
    """What the alarm clocks cost."""
    return [variant.price_amount for variant in (await alarm(at)).variants]


def test_prices_are_raised_as_was_shown_and_taken_back(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        assert "Edit 1 product" in at.says()
        assert "Say by how much." in at.says()
        assert not at.find(QAbstractButton, "Make 0 changes").isEnabled()
        await at.fill("How much", "10")
        await at.choose("Rounding", "100+99")
        assert "2 variants change." in at.says()
        assert at.column("Now", "Examples") == ["€3.75", "€3.75"]
        assert at.column("Then", "Examples") == ["€3.99", "€3.99"]
        assert await prices(at) == [375, 375]
        await at.press("Ctrl+S")
        assert not at.has_sheet()
        assert await prices(at) == [399, 399]
        assert at.toasts() == ["2 changes made."]
        await at.press("Ctrl+Z")
        assert await prices(at) == [375, 375]
        assert at.toasts()[-1] == "2 changes undone."
        await at.press("Ctrl+Z")
        assert len(at.toasts()) == 2

    office.run(story)


def test_the_note_about_an_edit_has_a_button_that_undoes_it(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        await at.choose("How", "set")
        await at.fill("How much", "5")
        await at.press("Ctrl+S")
        assert await prices(at) == [500, 500]
        await at.click("Undo")
        assert await prices(at) == [375, 375]

    office.run(story)


def test_undo_spares_what_somebody_changed_since(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        await at.choose("How", "down_amount")
        await at.fill("How much", "1")
        await at.press("Ctrl+S")
        first = (await alarm(at)).variants[0]
        await at.opened.desk.submit(ChangePrice(variant_id=first.variant_id, price_amount=1))
        await at.settle()
        await at.press("Ctrl+Z")
        assert await prices(at) == [1, 375]
        assert at.toasts()[-1] == "1 change undone. 1 stays: somebody has changed it since."

    office.run(story)


def test_what_cannot_be_is_said_and_left_alone(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at)
        await at.choose("How", "down_amount")
        await at.fill("How much", "3")
        assert "34 cannot be changed: the price would be negative." in at.says()
        assert at.offers("Make 47 changes")
        await at.fill("How much", "x")
        assert not at.offers("Make")

    office.run(story)


def test_the_old_price_can_be_kept_beside_a_lower_one(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        await at.choose("How", "down_percent")
        await at.fill("How much", "20")
        await at.choose("Show the price before beside a lower one", value=True)
        await at.press("Ctrl+S")
        shown = [(row.price_amount, row.compare_at_amount) for row in (await alarm(at)).variants]
        assert shown == [(300, 375), (300, 375)]

    office.run(story)


def test_a_status_is_given_to_all_and_the_rest_says_that_it_stays(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at)
        await at.choose("What to change", "status")
        await at.choose("Status", "active")
        assert "1 product changes. 61 stay as they are." in at.says()
        await at.choose("Status", "archived")
        at.find(QAbstractButton, "Make 62 changes").setFocus()
        await at.press("Ctrl+S")
        counts = await at.fetch(status_counts)
        assert counts[ProductStatus.ARCHIVED] == PRODUCTS
        await at.press("Ctrl+Z")
        assert (await at.fetch(status_counts))[ProductStatus.ACTIVE] == PRODUCTS - 1

    office.run(story)


@pytest.mark.parametrize(
    ("aim", "label", "value", "after"),
    [
        ("vendor", "Vendor", "Acme", ("Acme", "Home", "standard", KEPT)),
        ("type", "Type", "Clock", ("Lark & Linen", "Clock", "standard", KEPT)),
        ("tax", "Tax", "reduced", ("Lark & Linen", "Home", "reduced", KEPT)),
        ("tags_added", "Tags", ("new",), ("Lark & Linen", "Home", "standard", (*KEPT, "new"))),
    ],
)
def test_words_tax_and_tags_are_given_to_all(
    office: OfficeMaker,
    busy: Busy,
    *,
    aim: str,
    label: str,
    value: str | tuple[str, ...],
    after: tuple[object, ...],
) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        await at.choose("What to change", aim)
        await at.choose(label, value)
        await at.press("Ctrl+S")
        detail = await alarm(at)
        product = detail.product
        tax = {row.tax_code for row in detail.variants}
        found = (product.vendor, product.product_type, *tax, product.tags)
        assert found == after

    office.run(story)


def test_escape_changes_nothing(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await begin(at)
        await at.fill("How much", "10")
        await at.press("Esc")
        assert not at.has_sheet()
        assert await prices(at) == [375, 375]
        assert at.toasts() == []

    office.run(story)


def test_several_rows_are_chosen_with_shift_and_the_header_counts_them(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        assert not at.offers("Edit selected")
        at.table().setFocus()
        await at.press("Home", "Shift+Down", "Shift+Down")
        assert at.page().header.note() == "62 products · 3 selected"
        await at.click("Edit selected")
        assert "Edit 3 products" in at.says()
        await at.press("Esc")
        await at.press("Down")
        assert at.page().header.note() == "62 products"

    office.run(story)


def test_who_may_not_change_prices_is_offered_the_rest(office: OfficeMaker, busy: Busy) -> None:
    clerk = SomebodySignedIn(
        user_id=office.device.shop.owner_id, permissions=frozenset({Permission.CATALOG_EDIT})
    )

    async def story(at: BackOffice) -> None:
        await begin(at, "alarm")
        assert at.value("What to change") == "status"
        assert at.names(TableView) == []

    office.run(story, clerk)


def test_who_may_change_nothing_is_not_asked(office: OfficeMaker, busy: Busy) -> None:
    guest = SomebodySignedIn(user_id=office.device.shop.picker_id, permissions=frozenset())

    async def story(at: BackOffice) -> None:
        await begin(at)
        assert not at.has_sheet()
        assert not at.offers("Edit selected")

    office.run(story, guest)


def test_more_than_fits_into_one_command_is_done_and_undone_as_one(
    office: OfficeMaker, tmp_path: Path
) -> None:
    count = MAX_EDITS // 2 + 100
    office.device = big_shop.fill(tmp_path / "big", count)

    async def costs(at: BackOffice) -> set[int]:
        rows = await at.fetch(product_list, await at.fetch(product_ids))
        return {row.lowest_price_amount for row in rows}

    async def story(at: BackOffice) -> None:
        await begin(at)
        await at.fill("How much", "100")
        assert at.offers(f"Make {2 * count:,} changes")
        before = await costs(at)
        await at.press("Ctrl+S", patience_s=30)
        assert await costs(at) == {amount * 2 for amount in before}
        assert at.toasts() == [f"{2 * count:,} changes made."]
        await at.press("Ctrl+Z", patience_s=30)
        assert at.toasts()[-1] == f"{2 * count:,} changes undone."
        assert await costs(at) == before

    office.run(story)


@pytest.mark.parametrize(
    ("currency", "values"),
    [
        ("EUR", ["1+0", "5+0", "10+0", "50+0", "100+0", "1000+0", "100+99", "100+95", "100+90"]),
        ("JPY", ["1+0", "10+0"]),
        ("KWD", ["1+0", "50+0", "100+0", "500+0", "1000+0", "10000+0"]),
    ],
)
def test_roundings_fit_the_currency(currency: str, values: list[str]) -> None:
    offered = [choice.value for choice in roundings(currency)]
    assert offered[: len(values)] == values
