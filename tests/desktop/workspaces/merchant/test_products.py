"""Products: found as one types, made, edited, priced in place, stocked and pictured."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QHeaderView, QLabel

from desktop.ui.delegates import is_cut
from desktop.workspaces.merchant.places import NEW, Screen
from desktop.workspaces.merchant.product.picture.view import PictureCard
from shared.catalog.commands import ChangePrice, EditProduct, ProductStatus
from shared.catalog.queries import ProductDetail, product_detail, product_ids
from shared.inventory.queries import stock_history, stock_of
from shared.kernel.ids import ProductId
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.busy_shop import Busy


async def open_product(at: BackOffice, text: str) -> ProductDetail:
    """Search a product, open the first hit, and give it."""
    await at.go(Screen.PRODUCTS)
    at.list_page().focus_search()
    await at.write(text)
    await at.press("Return")
    (product_id,) = await at.fetch(product_ids, text=text)
    return await at.fetch(product_detail, product_id)


async def search(at: BackOffice, text: str) -> None:
    """Type another search."""
    at.list_page().search.clear()
    at.list_page().focus_search()
    await at.write(text)


def test_letters_find_names_skus_and_barcodes_at_once(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        assert at.page().header.note() == "62 products"
        for text in ("alarm", "22727", "9521014000202"):
            await search(at, text)
            assert at.column("Product") == ["Bakelike Alarm Clock"]

    office.run(story)


def test_a_search_without_hits_says_how_to_go_on(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        await at.write("zzzz")
        assert at.cells() == []
        await at.click("Show all products")
        assert len(at.cells()) == 62

    office.run(story)


def test_segments_narrow_the_list_and_arrows_walk_them(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        at.find(QAbstractButton, "All 62").setFocus()
        await at.press("Right", "Right")
        assert at.find(QAbstractButton, "Draft 1").isChecked()
        assert len(at.cells()) == 1

    office.run(story)


def test_clicking_a_header_sorts_the_whole_list(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        before = at.column("Product")
        header = at.table().horizontalHeader()
        assert isinstance(header, QHeaderView)
        for _ in range(2):
            header.sectionClicked.emit(1)
            await at.settle()
        assert at.column("Product") == list(reversed(before))

    office.run(story)


def test_escape_leads_back_to_the_list_with_the_product_marked(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        await open_product(at, "alarm")
        assert at.page().title() == "Bakelike Alarm Clock"
        await at.press("Esc")
        assert at.page().title() == "Products"
        chosen = at.table().currentIndex().siblingAtColumn(1)
        assert chosen.data() == "Bakelike Alarm Clock"

    office.run(story)


def test_a_price_is_typed_in_place_and_enter_goes_on_to_the_next(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.press("F2")
        await at.write("4.25")
        await at.press("Return")
        await at.write("4.5")
        await at.press("Return")
        after = await at.fetch(product_detail, detail.product.product_id)
        assert [row.price_amount for row in after.variants] == [425, 450]
        assert at.column("Price", "Variants and prices") == ["€4.25", "€4.50"]

    office.run(story)


def test_escape_leaves_a_price_as_it_was(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.press("F2")
        await at.write("9.99")
        await at.press("Esc")
        after = await at.fetch(product_detail, detail.product.product_id)
        assert after.variants == detail.variants
        assert at.page().title() == "Bakelike Alarm Clock"

    office.run(story)


def test_what_is_no_price_stays_open_and_marked(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_product(at, "alarm")
        await at.press("F2")
        await at.write("4.999")
        await at.press("Return")
        assert at.focus().property("invalid") == "true"

    office.run(story)


def test_edits_are_saved_together_and_only_what_changed(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        assert not at.window.unsaved()
        await at.fill("Product", "Bakelite Alarm Clock")
        await at.fill("Vendor", "Tick & Co")
        assert at.window.unsaved()
        await at.press("Ctrl+S")
        after = await at.fetch(product_detail, detail.product.product_id)
        assert (after.product.title, after.product.vendor) == ("Bakelite Alarm Clock", "Tick & Co")
        assert after.product.description_html == detail.product.description_html
        assert not at.window.unsaved()
        assert at.page().title() == "Bakelite Alarm Clock"
        assert at.toasts() == ["Saved"]
        assert await at.fetch(product_ids, text="bakelite") == (detail.product.product_id,)

    office.run(story)


def test_unsaved_changes_are_not_lost_by_leaving(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_product(at, "alarm")
        await at.fill("Product", "X")
        await at.press("Esc")
        assert at.sheet().accessibleName() == "There are unsaved changes"
        await at.press("Esc")
        assert at.value("Product") == "X"
        await at.press("Esc")
        await at.click("Discard")
        assert at.page().title() == "Products"

    office.run(story)


def test_an_empty_title_is_refused_at_its_field(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await open_product(at, "alarm")
        title = at.field("Product")
        title.editor.setFocus()
        await at.press("Ctrl+A", "Del", "Ctrl+S")
        assert title.error()
        assert at.focus() is title.editor

    office.run(story)


def test_a_change_from_elsewhere_leaves_what_is_being_typed(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.fill("Product", "X clock")
        elsewhere = EditProduct(product_id=detail.product.product_id, vendor="Other")
        await at.opened.desk.submit(elsewhere)
        await at.settle()
        assert at.window.unsaved()
        assert "Somebody changed this product" in at.says()
        await at.press("Ctrl+S")
        after = await at.fetch(product_detail, detail.product.product_id)
        assert (after.product.title, after.product.vendor) == ("X clock", "Other")

    office.run(story)


def test_a_variant_is_edited_in_its_form_and_a_taken_barcode_is_refused_there(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.press("Ctrl+E")
        await at.choose("Barcodes", ("9521014000202",))
        await at.choose("Cost", 199)
        await at.press("Ctrl+S")
        assert "9521014000202" in at.field("Barcodes").error()
        await at.choose("Barcodes", ("4006381333931",))
        await at.press("Ctrl+S")
        assert not at.has_sheet()
        after = await at.fetch(product_detail, detail.product.product_id)
        assert after.variants[0].cost_amount == 199
        assert {row.code for row in after.barcodes} == {"4006381333931", "9521014000202"}
        assert after.variants[0].sku == detail.variants[0].sku

    office.run(story)


def test_stock_is_adjusted_with_a_reason_and_counted(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        variant_id = detail.variants[0].variant_id
        before = (await at.fetch(stock_of, [variant_id]))[0].on_hand_qty
        await at.press("Ctrl+Shift+A")
        await at.fill("Change", "-3")
        await at.choose("Reason", "damaged")
        await at.fill("Note", "dropped")
        await at.press("Return")
        moved = (await at.fetch(stock_history, variant_id))[0]
        assert (moved.qty, moved.reason, moved.note) == (-3, "damaged", "dropped")
        at.device.clock.advance(timedelta(minutes=1))
        await at.press("Ctrl+Shift+C")
        await at.fill("Counted", "50")
        await at.press("Ctrl+S")
        assert (await at.fetch(stock_of, [variant_id]))[0].on_hand_qty == 50
        assert at.column("Change", "Movements")[:2] == [f"+{53 - before}", "−3"]

    office.run(story)


def test_a_picture_is_made_small_and_travels(
    office: OfficeMaker, busy: Busy, tmp_path: Path
) -> None:
    image = QImage(3000, 2000, QImage.Format.Format_RGB32)
    image.fill(QColor("#2a5bd7"))
    path = tmp_path / "large.png"
    assert image.save(str(path))

    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        assert await at.drop(at.every(PictureCard)[0], path)
        after = await at.fetch(product_detail, detail.product.product_id)
        (media,) = after.media
        assert media.thumbnail is not None
        assert len(media.thumbnail) <= 65_536
        small = QImage.fromData(QByteArray(media.thumbnail))
        assert small.width() == 640
        assert small.height() == pytest.approx(640 * 2 / 3, abs=1)

    office.run(story)


def test_a_file_that_is_no_picture_is_refused_with_a_cure(
    office: OfficeMaker, busy: Busy, tmp_path: Path
) -> None:
    path = tmp_path / "letter.png"
    path.write_text("Dear customer")

    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.drop(at.every(PictureCard)[0], path)
        assert at.page().banner.isVisible()
        assert (await at.fetch(product_detail, detail.product.product_id)).media == detail.media

    office.run(story)


def test_a_product_with_options_is_made_with_all_its_variants(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS, NEW)
        await at.write("Linen shirt")
        await at.fill("Price", "49")
        names = [row for row in at.every(QLabel) if row.text() == "Option"]
        values = [row for row in at.every(QLabel) if row.text() == "Values"]
        for place, (name, text) in enumerate((("Size", "S,M,L,"), ("Color", "Sand,Moss,"))):
            names[place].buddy().setFocus()
            await at.write(name)
            values[place].buddy().setFocus()
            await at.write(text)
        assert "6 variants will be made" in at.says()
        await at.press("Ctrl+S")
        assert at.page().title() == "Linen shirt"
        (product_id,) = await at.fetch(product_ids)
        detail = await at.fetch(product_detail, product_id)
        assert [row.option_values for row in detail.variants[:2]] == [("S", "Sand"), ("S", "Moss")]
        assert {row.price_amount for row in detail.variants} == {4900}
        assert detail.product.option_names == ("Size", "Color")

    office.run(story)


def test_a_product_without_price_is_not_made(office: OfficeMaker) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS, NEW)
        await at.write("Free thing")
        await at.press("Ctrl+S")
        assert at.field("Price").error()
        assert await at.fetch(product_ids) == ()

    office.run(story)


def test_the_next_product_of_the_list_is_one_key_away(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS)
        first, second = at.column("Product")[:2]
        await at.press("Down", "Return")
        assert at.page().title() == first
        await at.press("Ctrl+PgDown")
        assert at.page().title() == second
        await at.press("Ctrl+PgUp")
        assert at.page().title() == first

    office.run(story)


def test_a_price_changed_elsewhere_is_seen_in_the_list(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.press("Esc")
        for variant in detail.variants:
            await at.opened.desk.submit(ChangePrice(variant_id=variant.variant_id, price_amount=99))
        await at.settle()
        assert at.column("Price") == ["€0.99"]

    office.run(story)


def test_archiving_takes_a_product_out_of_the_sellable_ones(
    office: OfficeMaker, busy: Busy
) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        await at.choose("Status", ProductStatus.ARCHIVED)
        await at.press("Ctrl+S")
        after = await at.fetch(product_detail, detail.product.product_id)
        assert after.product.status is ProductStatus.ARCHIVED
        assert at.page().header.marks() == ["Archived"]

    office.run(story)


def test_a_product_that_is_gone_says_so(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        await at.go(Screen.PRODUCTS, ProductId("0192d7c4-0000-7000-8000-000000000000"))
        assert "does not exist" in at.page().banner.text()

    office.run(story)


def test_an_amount_is_never_shortened_however_large_it_is(office: OfficeMaker, busy: Busy) -> None:
    async def story(at: BackOffice) -> None:
        detail = await open_product(at, "alarm")
        for variant in detail.variants:
            price = ChangePrice(variant_id=variant.variant_id, price_amount=123_456_789_99)
            await at.opened.desk.submit(price)
        await at.settle()
        table = at.table("Variants and prices")
        columns = table.rows_model().columns
        place = next(at for at, column in enumerate(columns) if column.key == "price_amount")
        row = table.rows_model().row_at(0)
        assert not is_cut(columns[place], row, table.columnWidth(place))

    office.run(story)
