"""Receipts on paper: every line fits, the figures are there, the drawer opens, the code scans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.hardware.escpos import COLUMNS, escpos_bytes, laid_out
from shared.kernel.ids import OrderId, ReceiptId, new_id
from shared.payments.commands import TenderKind
from shared.pos.commands import CloseShift, CompleteSale, Tender
from shared.pos.layout import PaperLine, Style, receipt_lines, z_report_lines
from shared.pos.queries import recent_receipts, shifts
from shared.pricing.engine import LineDiscount
from tests.support.plain_words import PlainWords
from tests.support.shop import Shop, empty_sqlite, sale_line


@pytest.fixture
def shop() -> Shop:
    """A till that sold three mugs at a discount, half by card, and closed."""
    shop = Shop(empty_sqlite())
    shift_id = shop.open_shift()
    line = sale_line(
        shop.product(on_hand_qty=9),
        qty=3,
        price_amount=1299,
        title="Teetasse mit einem außergewöhnlich langen Namen für die Küche",
        discounts=(LineDiscount(kind="percent", value=1000, reason="x"),),
    )
    shop.do(
        CompleteSale(
            order_id=OrderId(new_id()),
            receipt_id=ReceiptId(new_id()),
            shift_id=shift_id,
            lines=(line,),
            total_amount=3507,
            tenders=(
                Tender(kind=TenderKind.CARD_EXTERNAL, amount=3000, reference="T-1"),
                Tender(kind=TenderKind.CASH, amount=507, given_amount=1000),
            ),
        )
    )
    shop.do(CloseShift(shift_id=shift_id, counted_amount=10_000))
    return shop


def printed(shop: Shop, *, is_copy: bool = False) -> list[str]:
    document = shop.fetch(recent_receipts, shop.register_id)[0].document
    lines = receipt_lines(document, PlainWords(), is_copy=is_copy)
    return [row for line in lines for row in laid_out(line, COLUMNS)]


def test_a_receipt_names_all_that_was_sold_and_paid(shop: Shop) -> None:
    text = "\n".join(printed(shop))

    for part in ("K1-000001", "3 x 12.99", "35.07", "Card", "30.00", "T-1", "10.00", "4.93"):
        assert part in text
    assert "COPY" not in text


def test_a_copy_says_so(shop: Shop) -> None:
    assert "COPY" in "\n".join(printed(shop, is_copy=True))


def test_no_row_is_wider_than_the_paper(shop: Shop) -> None:
    assert max(len(row) for row in printed(shop)) <= COLUMNS


def test_a_z_report_shows_what_is_missing(shop: Shop) -> None:
    report = shop.fetch(shifts)[0].z_report
    assert report is not None

    lines = z_report_lines(report, PlainWords(), currency="EUR")

    figures = {line.left: line.right for line in lines}
    assert figures["Should be in the drawer"] == "105.07"
    assert figures["Over / short"] == "-5.07"


def test_the_drawer_opens_only_when_asked(shop: Shop) -> None:
    document = shop.fetch(recent_receipts, shop.register_id)[0].document
    lines = receipt_lines(document, PlainWords())
    pulse = b"\x1bp\x00"

    assert pulse in escpos_bytes(lines, opens_drawer=True)
    assert pulse not in escpos_bytes(lines)


def test_opening_the_drawer_alone_cuts_no_paper() -> None:
    cut = b"\x1dV"

    assert cut not in escpos_bytes([], opens_drawer=True)
    assert cut in escpos_bytes([PaperLine("x")])


def test_the_receipt_number_is_a_native_code() -> None:
    line = PaperLine("K1-000001", style=Style.CODE)

    assert b"K1-000001" in escpos_bytes([line])


@given(
    left=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=120),
    right=st.from_regex(r"-?[0-9]{1,7}\.[0-9]{2}", fullmatch=True),
    columns=st.integers(24, 48),
)
def test_any_text_fits_and_keeps_its_figure(left: str, right: str, columns: int) -> None:
    rows = laid_out(PaperLine(left, right), columns)

    assert all(len(row) <= columns for row in rows)
    assert rows[-1].endswith(right)
