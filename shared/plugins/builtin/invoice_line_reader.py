"""One row of an invoice-lines file becomes one order line."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from shared.kernel.errors import Rejected
from shared.kernel.money import AMOUNT_LIMIT
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_tally import EXACT, ZERO
from shared.plugins.builtin.import_values import (
    Amount,
    MomentReader,
    NumberReader,
    at_column,
    shown,
)
from shared.plugins.points.importer import (
    ImportSettings,
    LineKind,
    OrderLineDraft,
    Refusal,
    Remark,
)

MAX_TITLE_CHARS = 1000
MAX_CODE_CHARS = 100

_CHARGES: dict[str, LineKind] = {
    "POST": "shipping",
    "DOT": "shipping",
    "C2": "shipping",
    "C3": "shipping",
    "CARRIAGE": "shipping",
    "D": "discount",
    "AMAZONFEE": "fee",
    "BANK CHARGES": "fee",
    "CRUK": "fee",
    "M": "adjustment",
    "B": "adjustment",
    "S": "adjustment",
    "ADJUST": "adjustment",
    "ADJUST2": "adjustment",
}
"""Stock codes that are no goods: postage, discount, fees, manual corrections, bad debt, samples."""

_REPLACEMENT = "\ufffd"
_MISSING = {
    "quantity": "import_quantity_missing",
    "price": "import_price_missing",
    "date": "import_date_missing",
}
T = TypeVar("T")


class ReadLine(NamedTuple):
    """What a row came to: a `line` (None for a quantity of 0), or else a `refused`.

    `money` is the row's exact quantity times price, None where it cannot be read; `rounding` what
    the line's amount leaves out of it.
    """

    row: int
    line: OrderLineDraft | None
    placed_at: datetime | None
    money: Decimal | None
    rounding: Decimal = ZERO
    refused: Refusal | None = None


class LineReader:
    """Reads the rows of one table; `fields` tells its columns. What is odd goes to `remarks`."""

    def __init__(
        self, table: CsvTable, fields: Mapping[str, int], settings: ImportSettings
    ) -> None:
        self._table = table
        self._fields = fields
        self._currency = settings.currency
        mark = settings.decimal_mark or (None if table.delimiter == ";" else ".")
        self._numbers = NumberReader(settings.currency, mark)
        self._moments = MomentReader(settings.zone, settings.date_order)
        self.remarks: list[Remark] = []

    def read(self, found: TableRow, *, is_cancellation: bool) -> ReadLine:
        """Read a row; never raises for what is in it."""
        money: Decimal | None = None
        problem = found.problem
        if found.is_aligned:
            try:
                qty = self._value(found, "quantity", self._numbers.whole)
                price = self._value(found, "price", self._numbers.money)
                money = EXACT.multiply(price.exact, qty)
                if problem is None:
                    placed_at = self._value(found, "date", self._moments.moment)
                    line, rounding = self._line(
                        found, qty, price, money=money, is_cancellation=is_cancellation
                    )
                    return ReadLine(found.row, line, placed_at, money, rounding)
            except Rejected as error:
                problem = problem or refusal(found.row, error.code, **error.params)
        return ReadLine(found.row, None, None, money, refused=problem)

    def cell(self, found: TableRow, name: str) -> str:
        """A cell without blanks around; empty where the file has no such column."""
        place = self._fields.get(name)
        return "" if place is None else found.cells[place].strip()

    def column(self, name: str) -> str:
        """What the file calls a field's column."""
        return self._table.column_name(self._fields[name])

    def _value(self, found: TableRow, name: str, reader: Callable[[str], T]) -> T:
        text = found.cells[self._fields[name]].strip()
        if not text:
            raise Rejected(_MISSING[name], column=self.column(name))
        try:
            return reader(text)
        except Rejected as error:
            raise at_column(error, self.column(name)) from error

    def _line(
        self, found: TableRow, qty: int, price: Amount, *, money: Decimal, is_cancellation: bool
    ) -> tuple[OrderLineDraft | None, Decimal]:
        """The line and what rounding took from it; None for a quantity of 0."""
        row = found.row
        sku, title = self._names(found)
        if qty == 0:
            self.remarks.append(remark(row, "import_line_empty"))
            return None, ZERO
        if qty < 0 and not is_cancellation:
            self.remarks.append(remark(row, "import_negative_without_cancellation"))
        unit_amount, line_amount, rounding = self._amounts(qty, price, money)
        if rounding:
            self.remarks.append(remark(row, "import_line_rounded", currency=self._currency))
        line = OrderLineDraft(
            kind=_kind(sku, qty, price, is_cancellation=is_cancellation),
            sku=sku,
            title=title,
            qty=qty,
            unit_price_amount=unit_amount,
            line_amount=line_amount,
            source_row=row,
            exact_unit_price=None if price.minor is not None else f"{price.exact:f}",
        )
        return line, rounding

    def _amounts(self, qty: int, price: Amount, money: Decimal) -> tuple[int, int, Decimal]:
        """Unit price and line in minor units, and what rounding the line took away."""
        if price.minor is not None:
            line_amount = price.minor * qty
            if abs(line_amount) >= AMOUNT_LIMIT:
                column = self.column("quantity")
                raise Rejected("import_number_too_large", value=shown(f"{money:f}"), column=column)
            return price.minor, line_amount, ZERO
        try:
            line_amount = self._numbers.to_rounded_minor(money)
        except Rejected as error:
            raise at_column(error, self.column("quantity")) from error
        kept = Decimal(line_amount).scaleb(-self._numbers.exponent, context=EXACT)
        return (
            self._numbers.to_rounded_minor(price.exact),
            line_amount,
            EXACT.subtract(money, kept),
        )

    def _names(self, found: TableRow) -> tuple[str | None, str]:
        """Code and title; the code may stand in for the title, but not both be missing."""
        code, title = self.cell(found, "code"), self.cell(found, "title")
        if len(code) > MAX_CODE_CHARS:
            column = self.column("code")
            raise Rejected("import_text_too_long", column=column, limit=MAX_CODE_CHARS)
        if len(title) > MAX_TITLE_CHARS:
            column = self.column("title")
            raise Rejected("import_text_too_long", column=column, limit=MAX_TITLE_CHARS)
        if not title:
            if not code:
                raise Rejected("import_line_unnamed")
            self.remarks.append(remark(found.row, "import_line_without_title", sku=code))
        elif _REPLACEMENT in title:
            damaged = remark(found.row, "import_text_damaged", column=self.column("title"))
            self.remarks.append(damaged)
        return code or None, title or code


def _kind(sku: str | None, qty: int, price: Amount, *, is_cancellation: bool) -> LineKind:
    charge = _CHARGES.get((sku or "").upper())
    if charge is not None:
        return charge
    # Stock written off (damaged, lost, counted wrong) stands in such files as a free negative sale.
    if qty < 0 and not price.exact and not is_cancellation:
        return "adjustment"
    return "goods"
