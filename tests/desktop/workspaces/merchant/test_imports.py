"""Importing in the back office: check, look, apply, stop, undo, and every row accounted for."""

import csv
import gzip
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from desktop.workspaces.merchant.import_file.view import ImportPage
from desktop.workspaces.merchant.places import NEW, Screen
from shared.catalog.commands import EditProduct
from shared.catalog.queries import product_detail, product_ids
from shared.imports.queries import recent_imports
from shared.imports.tables import ImportState
from shared.kernel.ids import ProductId
from shared.orders.queries import by_number
from tests.desktop.workspaces.merchant.back_office import BackOffice, OfficeMaker
from tests.desktop.workspaces.merchant.test_orders import facts

PRODUCTS = """Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
Variant Inventory Tracker,Variant Inventory Qty,Variant Barcode,Image Src,Status
mug,Mug,Color,Red,M-R,12.50,shopify,5,4006381333931,,active
mug,,,Blue,M-B,10.00,shopify,7,,,
tea,Tea,,,T-1,3.99,shopify,9,,,active
bad,Bad,,,B-1,=1+1,shopify,1,,,active
"""
INVOICES = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,T-1,Tea,2,12/1/2010 8:26,3.99,17850,United Kingdom
1001,M-R,Mug,1,12/1/2010 8:26,12.50,17850,United Kingdom
1002,X,Loose,3,12/2/2010 9:00,0.333,,France
"""


def write(folder: Path, name: str, text: str) -> Path:
    """A file as another shop system writes it."""
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


async def check(at: BackOffice, path: Path) -> ImportPage:
    """Drop a file on the page and check it."""
    page = await at.go(Screen.IMPORTS, NEW)
    assert isinstance(page, ImportPage)
    assert await at.drop(page, path)
    await at.press("Ctrl+Return")
    return page


async def many(folder: Path, count: int) -> Path:
    """A file of many products."""
    lines = ["Handle,Title,Variant SKU,Variant Price,Status"]
    lines += [f"p{each},Product {each},S-{each},{each}.50,active" for each in range(count)]
    return write(folder, "many.csv", "\n".join(lines) + "\n")


def test_a_check_tells_exactly_what_would_change_and_changes_nothing(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "products.csv.gz", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        said = facts(at)
        assert "Products: 2 new" in said
        assert "Variants: 3 new" in said
        assert "Read: 4" in said
        assert "Refused: 1" in said
        assert "Adds up to the cent" in at.says()
        assert await at.fetch(product_ids) == ()
        assert await at.fetch(recent_imports) == ()

    office.run(story)


def test_every_refused_row_is_shown_with_its_number_and_reason(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        ((row, reason),) = at.cells(await at.look_at("Rows to look at"))
        assert row == "5"
        assert "=1+1" in reason

    office.run(story)


def test_refused_rows_are_exported_without_formulas(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)
    target = tmp_path / "refused.csv"

    async def story(at: BackOffice) -> None:
        await check(at, path)
        await at.press("Ctrl+E")
        (dialog,) = at.every(QFileDialog)
        dialog.fileSelected.emit(str(target))
        dialog.reject()
        await at.settle()
        assert at.toasts() == ["refused.csv is written."]

    office.run(story)
    with target.open(encoding="utf-8-sig", newline="") as file:
        head, row = list(csv.reader(file))
    assert head[0] == "Row"
    assert row[:2] == ["5", "import_price_malformed"]
    assert not row[2].startswith(("=", "+", "-", "@"))


def test_applying_does_what_the_check_said_and_leaves_a_trace(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        await at.press("Ctrl+Shift+Return")
        assert "Done" in at.says()
        assert len(await at.fetch(product_ids)) == 2
        await at.press("Esc")
        assert at.column("File") == ["products.csv"]
        assert at.column("Status") == ["Finished"]
        assert at.column("Accepted") == ["3"]
        assert at.column("Refused") == ["1"]

    office.run(story)


def test_the_same_file_again_changes_nothing(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        await at.press("Ctrl+Shift+Return")
        await check(at, path)
        assert "Products: 2 unchanged" in facts(at)
        assert "Variants: 3 unchanged" in facts(at)

    office.run(story)


def test_an_import_is_undone_from_its_page(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        await at.press("Ctrl+Shift+Return", "Ctrl+Shift+Z")
        assert at.sheet().accessibleName() == "Undo this import?"
        await at.click("Undo import")
        assert await at.fetch(product_ids) == ()
        assert "Undone; everything is as it was before" in at.says()
        (run,) = await at.fetch(recent_imports)
        assert run.state is ImportState.UNDONE

    office.run(story)


def test_what_was_changed_since_keeps_an_import_from_being_undone(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        await at.press("Ctrl+Shift+Return")
        (mug,) = await at.fetch(product_ids, text="mug")
        edited = EditProduct(product_id=ProductId(mug), title="Large mug")
        await at.opened.desk.submit(edited)
        await at.press("Esc")
        at.table().setFocus()
        await at.press("Home", "Ctrl+Shift+Z")
        await at.click("Undo import")
        assert "Large mug" in at.page().banner.text()
        detail = await at.fetch(product_detail, mug)
        assert detail.product.title == "Large mug"

    office.run(story)


def test_a_stopped_import_offers_to_be_undone(office: OfficeMaker, tmp_path: Path) -> None:
    async def story(at: BackOffice) -> None:
        path = await many(tmp_path, 3000)
        page = await check(at, path)
        page.apply()
        await at.ui.until(lambda: at.opened.listener.last_seq >= 2)
        page.stop()
        await at.settle()
        count = len(await at.fetch(product_ids))
        assert 0 < count < 3000
        assert "Stopped half-way" in at.says()
        await at.press("Ctrl+Shift+Z")
        await at.click("Undo import")
        assert await at.fetch(product_ids) == ()

    office.run(story)


def test_a_check_can_be_stopped(office: OfficeMaker, tmp_path: Path) -> None:
    async def story(at: BackOffice) -> None:
        path = await many(tmp_path, 3000)
        page = await at.go(Screen.IMPORTS, NEW)
        assert isinstance(page, ImportPage)
        await at.drop(page, path)
        page.check()
        await at.press("Ctrl+.")
        await at.ui.until(at.says)
        assert "Ready to be checked" not in facts(at)
        assert not page.is_running
        assert page.can_check

    office.run(story)


def test_invoices_become_orders_and_money_adds_up_to_the_cent(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "invoices.csv", INVOICES)

    async def story(at: BackOffice) -> None:
        await check(at, path)
        assert at.value("Kind") == "invoice_lines"
        said = facts(at)
        assert "New orders: 2" in said
        assert "In the file: 21.479" in said
        assert "Rounding: 0.001" in said or "Rounding: −0.001" in said or "Rounding: -0.001" in said
        await at.press("Ctrl+Shift+Return")
        order = await at.fetch(by_number, "1001")
        assert order is not None
        assert order.total_amount == 2048

    office.run(story)


def test_other_settings_ask_for_another_check(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "invoices.csv", INVOICES)

    async def story(at: BackOffice) -> None:
        page = await check(at, path)
        assert page.can_apply
        await at.choose("Dates such as 1/2/11", "day_first")
        assert not page.can_apply
        assert page.can_check

    office.run(story)


def test_another_currency_than_the_shops_is_refused_at_its_field(
    office: OfficeMaker, tmp_path: Path
) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        page = await at.go(Screen.IMPORTS, NEW)
        await at.drop(page, path)
        await at.fill("Currency of the file", "GBP")
        await at.press("Ctrl+Return")
        assert "GBP" in at.field("Currency of the file").error()
        assert at.focus() is at.editor("Currency of the file")
        await at.fill("Currency of the file", "EUR")
        await at.press("Ctrl+Return")
        assert "Products: 2 new" in facts(at)

    office.run(story)


def test_a_file_of_another_kind_is_refused_with_a_cure(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "letter.csv", "Dear customer,\nhow are you?\n")

    async def story(at: BackOffice) -> None:
        page = await at.go(Screen.IMPORTS, NEW)
        await at.drop(page, path)
        assert "letter.csv" in at.page().banner.text()

    office.run(story)


def test_a_file_is_chosen_by_key_too(office: OfficeMaker, tmp_path: Path) -> None:
    path = write(tmp_path, "products.csv", PRODUCTS)

    async def story(at: BackOffice) -> None:
        await at.go(Screen.IMPORTS)
        await at.press("Ctrl+N", "Ctrl+O")
        await at.choose_file(path)
        assert at.value("Kind") == "shopify_products"

    office.run(story)
