"""Reads invoice lines (one row a line, as in the "Online Retail" files) as orders of the past."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import BinaryIO

from shared.plugins.builtin.countries import country_code
from shared.plugins.builtin.csv_columns import Aliases, places_of, require_fields
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_tally import EXACT, ZERO, Tally
from shared.plugins.builtin.import_values import shown
from shared.plugins.builtin.invoice_line_reader import LineReader, ReadLine
from shared.plugins.builtin.seen_codes import SeenCodes
from shared.plugins.points.importer import (
    ImportEvent,
    ImportSettings,
    OrderDraft,
    Progress,
    Remark,
)

MAX_ORDER_LINES = 10_000
MAX_OPEN_ORDERS = 16
_MAX_OPEN_ROWS = 12_000
_MAX_NUMBERS = 780_000

_FIELDS: Aliases = {
    "number": ("InvoiceNo", "Invoice", "Invoice Number", "Invoice ID"),
    "code": ("StockCode", "Product Code", "SKU"),
    "title": ("Description", "Product", "Product Name"),
    "quantity": ("Quantity", "Qty"),
    "date": ("InvoiceDate", "Date"),
    "price": ("UnitPrice", "Price"),
    "customer": ("CustomerID", "Customer", "Customer Code"),
    "country": ("Country",),
}
_REQUIRED = ("number", "code", "quantity", "date", "price")
_CANCELLATION = re.compile(r"[Cc]-?[0-9]")
_FLOAT_CODE = re.compile(r"([0-9]+)\.0+")
_NO_CUSTOMER = frozenset({"", "nan", "null", "none", "n/a", "0"})


class InvoiceLines:
    """Importer of invoice lines.

    Rows with the same invoice number make one order, whole or not at all. A number starting
    with C is a cancellation. `source_total` is the sum of quantity times unit price.
    """

    id = "invoice_lines"
    title_key = "importer.invoice_lines"

    def detect(self, header: Sequence[str]) -> int:
        """100 for a header with all columns, 0 without the five that are needed."""
        found = places_of(header, _FIELDS)
        if any(name not in found for name in _REQUIRED):
            return 0
        return 100 - 5 * (len(_FIELDS) - len(found))

    def read(self, source: Path | BinaryIO, settings: ImportSettings) -> Iterator[ImportEvent]:
        """See Importer.read; gives OrderDraft."""
        with CsvTable(source, settings) as table:
            yield from _Reading(table, settings).events()


@dataclass(slots=True)
class _OpenOrder:
    """An order whose rows are still coming in."""

    number: str
    first_row: int
    continued_at: int | None
    first: TableRow
    customer: str | None
    lines: list[ReadLine] = field(default_factory=list)
    bad_row: int | None = None
    is_too_long: bool = False
    remarks: list[Remark] = field(default_factory=list)
    cells_seen: dict[int, int] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)

    @property
    def is_cancellation(self) -> bool:
        return _CANCELLATION.match(self.number) is not None


class _Reading:
    """One pass over one file: a few orders are open at a time, the one untouched longest closes."""

    def __init__(self, table: CsvTable, settings: ImportSettings) -> None:
        self._table = table
        self._currency = settings.currency
        self._tally = Tally(settings.currency)
        self._fields = require_fields(table, _FIELDS, _REQUIRED)
        self._lines = LineReader(table, self._fields, settings)
        self._numbers = SeenCodes(_MAX_NUMBERS)
        self._is_unchecked_told = False
        self._open: dict[str, _OpenOrder] = {}
        self._open_rows = 0
        self._current: _OpenOrder | None = None
        self._ready: list[ImportEvent] = []

    def events(self) -> Iterator[ImportEvent]:
        """Everything the file holds, ImportTotals last."""
        self._tell_ignored_columns()
        for found in self._table.rows():
            if isinstance(found, Progress):
                yield found
                continue
            self._take(found)
            if self._ready:
                yield from self._ready
                self._ready.clear()
        for order in list(self._open.values()):
            self._close(order)
        yield from self._ready
        yield self._tally.totals(self._table)

    def _tell_ignored_columns(self) -> None:
        used = set(self._fields.values())
        for place, header in enumerate(self._table.header):
            if place not in used and header:
                row = self._table.header_row
                self._tell(remark(row, "import_column_ignored", column=shown(header)))

    def _tell(self, told: Remark) -> None:
        self._ready.append(self._tally.remark(told))

    def _take(self, found: TableRow) -> None:
        number = self._lines.cell(found, "number")
        order = self._current
        if order is None or order.number != number:
            if not number:
                self._refuse_unnumbered(found)
                return
            order = self._switch_to(number, found)
        line = self._lines.read(found, is_cancellation=order.is_cancellation)
        self._tally.read(line.money)
        if order.is_too_long:
            self._refuse_too_long(order, line)
            return
        self._compare(order, found)
        order.lines.append(line)
        self._open_rows += 1
        if self._lines.remarks:
            order.remarks += self._lines.remarks
            self._lines.remarks.clear()
        if line.refused is not None and order.bad_row is None:
            order.bad_row = line.row
        if len(order.lines) > MAX_ORDER_LINES:
            self._give_up(order)

    def _refuse_unnumbered(self, found: TableRow) -> None:
        line = self._lines.read(found, is_cancellation=False)
        self._lines.remarks.clear()
        self._tally.read(line.money)
        problem = found.problem or refusal(found.row, "import_order_number_missing")
        self._ready.append(self._tally.refuse(problem, line.money))

    def _switch_to(self, number: str, found: TableRow) -> _OpenOrder:
        """Make the order with this number the current one, opening it if need be."""
        order = self._open.pop(number, None)
        if order is None:
            while self._open and (
                len(self._open) >= MAX_OPEN_ORDERS or self._open_rows >= _MAX_OPEN_ROWS
            ):
                self._close(next(iter(self._open.values())))
            order = self._opened(number, found)
        # Back at the end of the dict: its first order is the one untouched longest.
        self._open[number] = order
        self._current = order
        return order

    def _opened(self, number: str, found: TableRow) -> _OpenOrder:
        earlier = self._numbers.first_row(number, found.row)
        if self._numbers.is_full and not self._is_unchecked_told:
            self._is_unchecked_told = True
            self._tell(remark(found.row, "import_codes_unchecked", limit=_MAX_NUMBERS))
        order = _OpenOrder(
            number=number,
            first_row=found.row,
            continued_at=None if earlier is None else found.row,
            first=found,
            customer=self._customer(found),
        )
        if earlier is not None:
            told = remark(found.row, "import_order_continued", number=number, first_row=earlier)
            order.remarks.append(told)
        return order

    def _customer(self, found: TableRow) -> str | None:
        text = self._lines.cell(found, "customer")
        if text.casefold() in _NO_CUSTOMER:
            return None
        whole = _FLOAT_CODE.fullmatch(text)
        return whole[1] if whole else text

    def _compare(self, order: _OpenOrder, found: TableRow) -> None:
        """Notice rows that come twice, and order columns that change from row to row."""
        mark = hash(tuple(found.cells))
        twin = order.cells_seen.setdefault(mark, found.row)
        if twin != found.row:
            order.remarks.append(remark(found.row, "import_row_repeated", first_row=twin))
        for name in ("date", "customer", "country"):
            place = self._fields.get(name)
            if place is None or found.cells[place] == order.first.cells[place]:
                continue
            if name == "customer" and order.customer is None:
                order.customer = self._customer(found)
            elif name not in order.differing:
                order.differing.add(name)
                order.remarks.append(
                    remark(
                        found.row,
                        "import_order_differs",
                        column=self._lines.column(name),
                        value=shown(found.cells[place].strip()),
                        kept=shown(order.first.cells[place].strip()),
                    )
                )

    def _close(self, order: _OpenOrder) -> None:
        del self._open[order.number]
        self._open_rows -= len(order.lines)
        if self._current is order:
            self._current = None
        if order.is_too_long:
            return
        drafted = [line.line for line in order.lines if line.line is not None]
        if order.bad_row is not None or not drafted:
            self._refuse_order(order)
            return
        self._tally.accept(
            rows=len(order.lines),
            amount=sum(line.line_amount for line in drafted),
            rounding=reduce(EXACT.add, (line.rounding for line in order.lines), ZERO),
        )
        self._ready.append(self._draft(order))
        for told in order.remarks:
            self._tell(told)

    def _draft(self, order: _OpenOrder) -> OrderDraft:
        country = self._lines.cell(order.first, "country")
        placed_at = next(line.placed_at for line in order.lines if line.placed_at is not None)
        return OrderDraft(
            number=order.number,
            kind="cancellation" if order.is_cancellation else "sale",
            placed_at=placed_at,
            customer_code=order.customer,
            country=country,
            country_code=country_code(country),
            currency=self._currency,
            lines=tuple(line.line for line in order.lines if line.line is not None),
            source_rows=tuple(line.row for line in order.lines),
            continued_at_row=order.continued_at,
        )

    def _refuse_order(self, order: _OpenOrder) -> None:
        for line in order.lines:
            refused = line.refused
            if refused is None and order.bad_row is None:
                refused = refusal(line.row, "import_order_empty", number=shown(order.number))
            elif refused is None and order.bad_row is not None:
                refused = refusal(
                    line.row,
                    "import_order_incomplete",
                    number=shown(order.number),
                    first_row=order.bad_row,
                )
            if refused is not None:
                self._ready.append(self._tally.refuse(refused, line.money))

    def _give_up(self, order: _OpenOrder) -> None:
        """Refuse an order with absurdly many lines, so that memory stays bounded."""
        lines, order.lines = order.lines, []
        self._open_rows -= len(lines)
        order.is_too_long = True
        order.remarks.clear()
        order.cells_seen.clear()
        for line in lines:
            self._refuse_too_long(order, line)

    def _refuse_too_long(self, order: _OpenOrder, line: ReadLine) -> None:
        self._lines.remarks.clear()
        refused = line.refused or refusal(
            line.row, "import_order_too_long", number=shown(order.number), limit=MAX_ORDER_LINES
        )
        self._ready.append(self._tally.refuse(refused, line.money))
