"""Papers drawn by Qt: they can be opened, their code scans, long ones turn the page."""

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from desktop.ui import i18n
from desktop.ui.paper import roll_image, roll_pdf
from desktop.ui.paper_sheet import Sheet, SheetColumn, sheet_pdf
from shared.pos.layout import RULE, PaperLine, Style
from tests.support.qt_loop import UiLoop

LINES = (
    PaperLine("Corner Store", style=Style.TITLE, is_centred=True),
    PaperLine("K1-000017", "23.11.2026, 09:15"),
    RULE,
    PaperLine("Teetasse mit einem außergewöhnlich langen Namen für die ganze Küche", "12,99 €"),
    PaperLine("Total", "12,99 €", style=Style.TOTAL),
    PaperLine("K1-000017", style=Style.CODE, is_centred=True),
)


def pages_of(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return [page.render(scale=3).to_pil() for page in document]


def codes_of(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def sheet(rows: int) -> Sheet:
    return Sheet(
        title="Lieferschein",
        subtitle="Bestellung W-1001 · 23.11.2026",
        code="W-1001",
        sender=("Corner Store", "High Street 1", "London"),
        address_title="Lieferadresse",
        address=("Ann Önd", "Lange Straße 12", "10115 Berlin"),
        columns=(
            SheetColumn("Artikel", 0.6),
            SheetColumn("Artikelnummer", 0.24),
            SheetColumn("Gepackt", 0.16, is_figure=True),
        ),
        rows=tuple((f"Tasse Nummer {n} " * (1 + n % 4), f"SKU-{n}", str(n)) for n in range(rows)),
        notes=("Vielen Dank für Ihre Bestellung.",),
    )


def test_a_receipt_as_pdf_is_one_narrow_page_whose_code_scans(ui: UiLoop) -> None:
    del ui
    (page,) = pages_of(roll_pdf(LINES, title="K1-000017"))

    assert page.width == pytest.approx(80 / 25.4 * 72 * 3, abs=3)
    assert codes_of(page) == ["K1-000017"]


def test_a_receipt_on_the_screen_is_as_wide_as_asked(ui: UiLoop) -> None:
    del ui
    image = roll_image(LINES, width_px=300, ratio=2.0)

    assert image.width() == pytest.approx(600, abs=2)
    assert image.devicePixelRatio() == 2.0


def test_a_long_packing_slip_turns_the_page_and_its_code_scans(ui: UiLoop) -> None:
    del ui
    pages = pages_of(sheet_pdf(sheet(60)))

    assert len(pages) > 1
    assert codes_of(pages[0]) == ["W-1001"]


def test_papers_can_be_drawn_in_a_right_to_left_language(ui: UiLoop) -> None:
    del ui
    i18n.use(i18n.load("ar", is_strict=True))

    (page,) = pages_of(sheet_pdf(sheet(3)))

    assert codes_of(page) == ["W-1001"]


@pytest.mark.parametrize(
    ("reader", "total", "is_mirrored"),
    [("ar", "Summe", False), ("en", "الإجمالي", True), ("ar", "الإجمالي", True)],
)
def test_paper_reads_in_the_direction_of_its_own_words(
    ui: UiLoop, reader: str, total: str, *, is_mirrored: bool
) -> None:
    del ui
    i18n.use(i18n.load(reader, is_strict=True))
    first = PaperLine("—", style=Style.TITLE)  # one stroke where lines begin
    goods = (PaperLine("Oat biscuits", "1"), PaperLine("بسكويت", "1"))

    image = roll_image(
        (first, *goods, PaperLine(total, "12", style=Style.TOTAL)), width_px=400, ratio=1.0
    )

    inked = (
        x
        for y in range(image.height())
        for x in range(image.width())
        if image.pixelColor(x, y).lightness() < 128
    )
    assert (next(inked) > image.width() / 2) is is_mirrored
