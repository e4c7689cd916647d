"""Builds invoice-lines files and reads them."""

from collections.abc import Mapping

from shared.plugins.builtin.invoice_lines import InvoiceLines
from shared.plugins.points.importer import ImportSettings
from tests.shared.plugins.reading import GBP, Outcome, read, table

HEADER = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
LINE = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "HEART",
    "Quantity": "6",
    "InvoiceDate": "12/1/10 8:26",
    "UnitPrice": "2.55",
    "CustomerID": "17850",
    "Country": "United Kingdom",
}


def outcome(*changes: Mapping[str, object], settings: ImportSettings = GBP) -> Outcome:
    """Read a file whose rows are LINE with these changes."""
    return read(
        InvoiceLines(), table(HEADER, *({**LINE, **change} for change in changes)), settings
    )
