"""What is refused in invoice lines, and that each row says why."""

from decimal import Decimal

import pytest

from shared.kernel.errors import Rejected
from shared.plugins.builtin.invoice_lines import (
    MAX_ORDER_LINES,
    InvoiceLines,
)
from shared.plugins.points.importer import ImportSettings
from tests.shared.plugins.builtin.invoices import HEADER, LINE, outcome
from tests.shared.plugins.reading import lines, read, table


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"InvoiceNo": " "}, "import_order_number_missing"),
        ({"Quantity": ""}, "import_quantity_missing"),
        ({"Quantity": "six"}, "import_quantity_malformed"),
        ({"Quantity": "1.5"}, "import_quantity_malformed"),
        ({"UnitPrice": ""}, "import_price_missing"),
        ({"UnitPrice": "cheap"}, "import_price_malformed"),
        ({"UnitPrice": "€2.55"}, "import_price_currency"),
        ({"UnitPrice": "99999999999999"}, "import_number_too_large"),
        ({"Quantity": "99999999999", "UnitPrice": "99999"}, "import_number_too_large"),
        ({"Quantity": "99999999999", "UnitPrice": "9999.001"}, "import_number_too_large"),
        ({"InvoiceDate": ""}, "import_date_missing"),
        ({"InvoiceDate": "13/1/10 8:26"}, "import_date_malformed"),
        ({"StockCode": "", "Description": ""}, "import_line_unnamed"),
        ({"Description": "x" * 1001}, "import_text_too_long"),
        ({"StockCode": "x" * 101}, "import_text_too_long"),
    ],
)
def test_a_bad_row_is_refused_for_its_own_reason(change: dict[str, object], code: str) -> None:
    found = outcome({"InvoiceNo": "1"}, change, {"InvoiceNo": "2"})

    assert found.refused == {3: code}
    assert [order.number for order in found.orders] == ["1", "2"]
    assert found.refusals[0].reason
    assert found.totals.rows_read == 3


def test_an_order_with_a_bad_row_is_refused_whole_and_each_row_says_why() -> None:
    found = outcome(
        {}, {"Quantity": "six"}, {"StockCode": "c", "UnitPrice": "1"}, {"InvoiceNo": "9"}
    )

    assert [order.number for order in found.orders] == ["9"]
    assert found.refused == {
        2: "import_order_incomplete",
        3: "import_quantity_malformed",
        4: "import_order_incomplete",
    }
    assert found.refusals[0].params == {"number": "536365", "first_row": 3}
    assert found.totals.refused_total == Decimal("21.30")
    assert found.totals.rows_without_money == 1


def test_an_order_of_nothing_but_zero_quantities_is_refused() -> None:
    assert outcome({"Quantity": "0"}).refused == {2: "import_order_empty"}


def test_a_row_with_too_many_cells_is_refused_with_its_order() -> None:
    good = [str(cell) for cell in LINE.values()]
    found = read(InvoiceLines(), lines([HEADER, good, [*good, "surplus"], ["7", *good[1:]]]))

    assert found.refused == {2: "import_order_incomplete", 3: "import_column_count"}
    assert [order.number for order in found.orders] == ["7"]


def test_a_file_cut_off_within_a_row_loses_only_the_order_it_belongs_to() -> None:
    content = table(HEADER, LINE, LINE | {"InvoiceNo": "9"}).rstrip("\r\n")[:-30]
    found = read(InvoiceLines(), content)

    assert [order.number for order in found.orders] == ["536365"]
    assert found.refused == {3: "import_row_cut_off"}
    assert found.totals.rows_without_money == 1


def test_undecodable_text_refuses_the_row_but_its_money_is_counted() -> None:
    content = table(HEADER, LINE | {"Description": "café"}, LINE | {"InvoiceNo": "9"}).encode()
    content = content.replace(b"HEART", b"H\x81RT")
    found = read(InvoiceLines(), content)

    assert found.refused == {3: "import_text_undecodable"}
    assert found.totals.refused_total == Decimal("15.30")


def test_an_order_with_absurdly_many_lines_is_refused_without_being_held() -> None:
    content = table(HEADER, *[LINE] * (MAX_ORDER_LINES + 5), LINE | {"InvoiceNo": "9"})
    found = read(InvoiceLines(), content)

    assert [order.number for order in found.orders] == ["9"]
    assert set(found.refused.values()) == {"import_order_too_long"}
    assert found.totals.rows_refused == MAX_ORDER_LINES + 5


def test_a_number_that_could_be_thousands_is_refused_until_the_mark_is_chosen() -> None:
    content = table(HEADER, LINE | {"UnitPrice": "1.002"}, delimiter=";")

    asked = read(InvoiceLines(), content)
    told = read(InvoiceLines(), content, ImportSettings("GBP", decimal_mark=","))

    assert asked.refused == {2: "import_number_ambiguous"}
    assert told.orders[0].lines[0].unit_price_amount == 100200


def test_a_file_of_another_kind_is_refused_with_what_is_missing_and_what_was_found() -> None:
    with pytest.raises(Rejected) as caught:
        read(InvoiceLines(), "Title,Price\nMug,5\n")

    assert caught.value.code == "import_columns_missing"
    assert "InvoiceNo" in str(caught.value.params["missing"])
    assert caught.value.params["found"] == "Title, Price"


def test_two_columns_of_the_same_meaning_are_refused() -> None:
    with pytest.raises(Rejected) as caught:
        read(InvoiceLines(), table((*HEADER, "Price"), LINE))

    assert caught.value.code == "import_column_repeated"
    assert caught.value.params == {"column": "UnitPrice", "other": "Price"}


def test_settings_that_make_no_sense_are_refused() -> None:
    for settings, code in (
        (ImportSettings("GBP", zone="Nowhere"), "import_zone_unknown"),
        (ImportSettings("XXX"), "currency_unknown"),
        (ImportSettings("GBP", encoding="utf-99"), "import_encoding_unknown"),
    ):
        with pytest.raises(Rejected) as caught:
            outcome({}, settings=settings)
        assert caught.value.code == code
