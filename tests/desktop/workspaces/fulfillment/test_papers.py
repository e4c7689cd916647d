"""The station's papers, rendered and read back as a scanner would read them."""

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt

from desktop.ui import i18n
from desktop.workspaces.fulfillment.commands.code128 import bar_widths
from desktop.workspaces.fulfillment.commands.sheet import command_sheet_pdf
from desktop.workspaces.fulfillment.verify import Word
from shared.kernel.errors import Bug
from shared.organization.tables import StoreRow
from shared.storage.reader import Reader
from tests.desktop.workspaces.fulfillment.table import Station, Table, place_order
from tests.support.qt_loop import UiLoop

MUG, TEA = "4006381333931", "5012345678900"
DPI = 203


def rendered(pdf: bytes) -> tuple[Image.Image, str]:
    """The first page as a label printer's dots, and its words."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        text = page.get_textpage()
        words = text.get_text_range()
        image = page.render(scale=DPI / 72).to_pil()
        text.close()
        page.close()
    finally:
        document.close()
    return image, words


def codes_on(image: Image.Image) -> dict[str, str]:
    """Each barcode on a picture and its format."""
    grey = image.convert("L")
    found = zxingcpp.read_barcodes(grey)
    return {each.text: str(each.format) for each in found}


def test_the_packing_slip_names_what_is_missing_and_its_code_opens_the_order(
    station: Station,
) -> None:
    with station.seeding() as shop:
        mug = shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)
        tea = shop.product("Green tea", on_hand_qty=40, sku="TEA", barcode=TEA)
        place_order(shop, "W-10231", {mug: 2, tea: 1})

    async def story(at: Table) -> bytes:
        await at.sign_in()
        await at.scan("W-10231", MUG, TEA, "PC:SHORT", "PC:CONFIRM", MUG, TEA)
        return (at.papers.folder / "packing-slip-W-10231.pdf").read_bytes()

    image, words = rendered(station.play(story))
    assert list(codes_on(image)) == ["W-10231"]
    for part in ("Ann Example", "Harbour Road", "Hamburg", "Stoneware mug", "Fehlt"):
        assert part in words


def test_the_slip_speaks_the_stores_language_and_the_station_says_where_it_lies(
    station: Station,
) -> None:
    with station.seeding() as shop:
        mug = shop.product("Stoneware mug", on_hand_qty=40, sku="MUG", barcode=MUG)
        place_order(shop, "W-10231", {mug: 2})
        store = Reader(shop.connection).get(StoreRow, shop.store_id)
        assert store is not None
        assert store.language == "de"

    async def story(at: Table) -> bytes:
        await at.sign_in()
        await at.scan("W-10231", MUG, MUG, MUG, MUG)
        lies_at = at.papers.folder / "packing-slip-W-10231.pdf"
        assert str(lies_at) in at.window.parcel.ship_panel.slip.accessibleName()
        await at.key(Qt.Key.Key_F4)
        assert at.verdict.head == "Packing slip saved"
        assert str(lies_at) in at.verdict.text
        return lies_at.read_bytes()

    _, words = rendered(station.play(story))
    for part in ("Lieferschein", "Bestellt", "Lieferadresse"):
        assert part in words


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_the_sheet_of_commands_can_be_scanned(ui: UiLoop, code: str) -> None:
    assert ui.reporter.failures == []
    i18n.use(i18n.load(code, is_strict=True))

    image, words = rendered(command_sheet_pdf())

    found = codes_on(image)
    assert set(found) == {word.code for word in Word}
    assert all("128" in each for each in found.values())
    assert words.strip()


def test_code_128_says_ascii_only() -> None:
    assert sum(bar_widths("A")) == 11 * 3 + 13
    with pytest.raises(Bug):
        bar_widths("Ü")
    with pytest.raises(Bug):
        bar_widths("")
