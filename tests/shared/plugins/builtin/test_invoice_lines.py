"""Invoice lines become orders of the past: grouping, kinds, money and dates."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.plugins.builtin.invoice_lines import (
    MAX_OPEN_ORDERS,
    InvoiceLines,
)
from shared.plugins.points.importer import ImportSettings, OrderDraft, OrderLineDraft
from tests.shared.plugins.builtin.invoices import HEADER, LINE, outcome
from tests.shared.plugins.reading import read, table


def test_rows_with_one_number_become_one_order() -> None:
    found = outcome({}, {"StockCode": "71053", "Description": "LANTERN ", "UnitPrice": "3.39"})

    (order,) = found.orders
    assert order == OrderDraft(
        number="536365",
        kind="sale",
        placed_at=datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        customer_code="17850",
        country="United Kingdom",
        country_code="GB",
        currency="GBP",
        lines=(
            OrderLineDraft("goods", "85123A", "HEART", 6, 255, 1530, source_row=2),
            OrderLineDraft("goods", "71053", "LANTERN", 6, 339, 2034, source_row=3),
        ),
        source_rows=(2, 3),
    )
    assert order.reference == "536365"
    assert found.totals.source_total == found.totals.imported_total == Decimal("35.64")


def test_a_number_with_c_is_a_cancellation_and_keeps_its_signs() -> None:
    (order,) = outcome({"InvoiceNo": "C536379", "Quantity": "-1"}).orders

    assert order.kind == "cancellation"
    assert [(line.qty, line.line_amount) for line in order.lines] == [(-1, -255)]


def test_a_negative_quantity_without_c_is_kept_and_remarked() -> None:
    found = outcome({"Quantity": "-6"}, {"Quantity": "-6", "UnitPrice": "0.0"})

    (order,) = found.orders
    assert [(line.kind, line.qty, line.line_amount) for line in order.lines] == [
        ("goods", -6, -1530),
        ("adjustment", -6, 0),
    ]
    assert found.remarked == [
        (2, "import_negative_without_cancellation"),
        (3, "import_negative_without_cancellation"),
    ]
    assert found.totals.imported_total == Decimal("-15.30")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("85123A", "goods"),
        ("gift_0001_30", "goods"),
        ("PADS", "goods"),
        ("DCGS0003", "goods"),
        ("POST", "shipping"),
        ("DOT", "shipping"),
        ("C2", "shipping"),
        ("D", "discount"),
        ("AMAZONFEE", "fee"),
        ("BANK CHARGES", "fee"),
        ("CRUK", "fee"),
        ("M", "adjustment"),
        ("m", "adjustment"),
        ("B", "adjustment"),
        ("S", "adjustment"),
    ],
)
def test_charges_are_told_from_goods_by_their_code(code: str, kind: str) -> None:
    (order,) = outcome({"StockCode": code}).orders

    assert (order.lines[0].kind, order.lines[0].sku) == (kind, code)


def test_bad_debt_with_a_negative_price_is_money_like_any_other() -> None:
    found = outcome({"InvoiceNo": "A563186", "StockCode": "B", "UnitPrice": "-11062.06"})

    (order,) = found.orders
    assert (order.kind, order.lines[0].kind) == ("sale", "adjustment")
    assert order.lines[0].line_amount == -6637236
    assert found.totals.imported_total == Decimal("-66372.36")


def test_free_goods_are_kept() -> None:
    (order,) = outcome({"UnitPrice": "0.0"}).orders

    assert [(line.kind, line.qty, line.line_amount) for line in order.lines] == [("goods", 6, 0)]


def test_an_order_without_a_customer_is_anonymous() -> None:
    for blank in ("", "nan", "NULL", "0"):
        (order,) = outcome({"CustomerID": blank}).orders
        assert order.customer_code is None


def test_a_customer_who_comes_later_in_the_order_counts() -> None:
    found = outcome({"CustomerID": ""}, {"CustomerID": "17850.0", "StockCode": "b"})

    assert found.orders[0].customer_code == "17850"
    assert found.remarks == []


def test_more_decimals_than_the_currency_has_stay_exact_and_rounding_is_shown() -> None:
    found = outcome(
        {"UnitPrice": "0.001", "Quantity": "24"},
        {"UnitPrice": "1.145", "Quantity": "1", "StockCode": "b"},
        {"UnitPrice": "1.145", "Quantity": "2", "StockCode": "c"},
    )

    (order,) = found.orders
    assert [
        (line.unit_price_amount, line.exact_unit_price, line.line_amount) for line in order.lines
    ] == [(0, "0.001", 2), (115, "1.145", 115), (115, "1.145", 229)]
    assert found.totals.source_total == Decimal("3.459")
    assert found.totals.imported_total == Decimal("3.46")
    assert found.totals.rounding_total == Decimal("-0.001")
    assert found.remarked == [(2, "import_line_rounded"), (3, "import_line_rounded")]


def test_the_minor_unit_is_the_currencys_own() -> None:
    yen = outcome({"UnitPrice": "255"}, settings=ImportSettings("JPY"))
    dinar = outcome({"UnitPrice": "2.555"}, settings=ImportSettings("KWD"))

    assert yen.orders[0].lines[0].line_amount == 1530
    assert dinar.orders[0].lines[0].line_amount == 15330
    assert dinar.totals.rounding_total == 0


def test_a_row_that_comes_twice_is_money_twice_and_remarked() -> None:
    found = outcome({}, {"StockCode": "b"}, {})

    assert len(found.orders[0].lines) == 3
    assert found.remarked == [(4, "import_row_repeated")]
    assert found.remarks[0].params == {"first_row": 2}
    assert found.totals.imported_total == Decimal("45.90")


def test_what_differs_within_an_order_is_remarked_once_and_the_first_row_counts() -> None:
    later = {"InvoiceDate": "12/1/10 8:27", "StockCode": "b"}
    found = outcome({}, later, later | {"StockCode": "c"}, {"Country": "France", "StockCode": "d"})

    assert found.orders[0].placed_at.minute == 26
    assert found.orders[0].country == "United Kingdom"
    assert found.remarked == [(3, "import_order_differs"), (5, "import_order_differs")]


def test_interleaved_orders_are_put_together() -> None:
    found = outcome({}, {"InvoiceNo": "C2"}, {"StockCode": "b"}, {"InvoiceNo": "C2"}, {})

    assert {order.number: order.source_rows for order in found.orders} == {
        "536365": (2, 4, 6),
        "C2": (3, 5),
    }
    assert found.totals.drafts_made == 2


def test_a_number_that_comes_back_late_is_a_second_part_so_that_no_money_is_lost() -> None:
    others = [{"InvoiceNo": str(n)} for n in range(MAX_OPEN_ORDERS)]
    found = outcome({}, *others, {}, *others, {})

    parts = [order for order in found.orders if order.number == "536365"]
    assert [(part.reference, part.continued_at_row) for part in parts] == [
        ("536365", None),
        ("536365/19", 19),
        ("536365/36", 36),
    ]
    assert len({order.reference for order in found.orders}) == len(found.orders)
    assert (19, "import_order_continued") in found.remarked
    assert found.totals.rows_refused == 0


def test_a_quantity_of_zero_adds_no_line() -> None:
    found = outcome({"Quantity": "0"}, {})

    assert [line.source_row for line in found.orders[0].lines] == [3]
    assert found.orders[0].source_rows == (2, 3)
    assert found.remarked == [(2, "import_line_empty")]
    assert found.totals.rows_accepted == 2


def test_a_row_without_a_description_goes_by_its_code() -> None:
    found = outcome({"Description": " "})

    assert found.orders[0].lines[0].title == "85123A"
    assert found.remarked == [(2, "import_line_without_title")]


def test_text_that_was_damaged_before_the_export_is_kept_and_remarked() -> None:
    found = outcome({"Description": "Gift Voucher \ufffd30.00"})

    assert found.orders[0].lines[0].title == "Gift Voucher \ufffd30.00"
    assert found.remarked == [(2, "import_text_damaged")]


def test_a_row_without_a_stock_code_goes_by_its_description() -> None:
    (order,) = outcome({"StockCode": ""}).orders

    assert (order.lines[0].sku, order.lines[0].title) == (None, "HEART")


def test_later_headers_and_iso_dates_are_understood() -> None:
    content = (
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,BALL,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
    )
    found = read(InvoiceLines(), content)

    assert found.orders[0].customer_code == "13085"
    assert found.orders[0].placed_at == datetime(2009, 12, 1, 7, 45, tzinfo=UTC)
    assert found.totals.imported_total == Decimal("83.40")


def test_semicolons_decimal_commas_and_day_first_dates_are_understood() -> None:
    row = LINE | {"UnitPrice": "1.002,55", "InvoiceDate": "1.12.2010 08:26"}
    found = read(InvoiceLines(), table(HEADER, row, delimiter=";"), ImportSettings("EUR"))

    assert found.orders[0].lines[0].unit_price_amount == 100255
    assert found.orders[0].placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_columns_that_are_not_known_are_named_once() -> None:
    found = read(InvoiceLines(), table((*HEADER, "Margin"), LINE | {"Margin": "3"}))

    assert found.remarked == [(1, "import_column_ignored")]
    assert found.remarks[0].params == {"column": "Margin"}


def test_optional_columns_may_be_absent() -> None:
    header = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice")
    (order,) = read(InvoiceLines(), table(header, {name: LINE[name] for name in header})).orders

    assert (order.customer_code, order.country, order.country_code) == (None, "", None)


def test_a_header_without_rows_gives_totals_of_nothing() -> None:
    found = outcome()

    assert found.totals.rows_read == found.totals.drafts_made == 0
    assert found.totals.source_total == 0


def test_detection_wants_the_five_columns_that_are_needed() -> None:
    assert InvoiceLines().detect(HEADER) == 100
    assert InvoiceLines().detect([name.lower() for name in HEADER[:6]]) == 90
    assert InvoiceLines().detect(HEADER[1:]) == 0
    assert InvoiceLines().detect(["Handle", "Title", "Variant SKU", "Variant Price"]) == 0
