"""Reads Shopify's product CSV, classic and new headers, as products with variants and pictures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from shared.plugins.builtin.csv_columns import places_of, require_fields
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import refusal, remark
from shared.plugins.builtin.import_tally import Tally
from shared.plugins.builtin.import_values import shown
from shared.plugins.builtin.seen_codes import SeenCodes
from shared.plugins.builtin.shopify_columns import FIELDS, REQUIRED
from shared.plugins.builtin.shopify_product_reader import ProductReader, ProductRows
from shared.plugins.builtin.shopify_rows import MAX_TEXT_CHARS, RowReader
from shared.plugins.points.importer import (
    ImportEvent,
    ImportSettings,
    ProductDraft,
    Progress,
    Refusal,
    Remark,
    VariantDraft,
)

MAX_PRODUCT_ROWS = 5_000
_MAX_HANDLES = 780_000
_MAX_CODES = 390_000
_TELLING = ("handle", "sku", "option1_name", "description")
_HANDLE = re.compile(r"[\w-]+")
_NOT_IN_HANDLES = re.compile(r"[^\w-]+")


class ShopifyProducts:
    """Importer of Shopify's product export.

    Adjacent rows with one handle make one product, whole or not at all. `source_total` is the
    sum of the variant prices. Exports that go back into a spreadsheet must shield cells that start
    with = + - or @; here such a shield (an apostrophe) is taken off again.
    """

    id = "shopify_products"
    title_key = "importer.shopify_products"

    def detect(self, header: Sequence[str]) -> int:
        """60 for a title and a price, 10 more for each of handle, SKU, options, description."""
        found = places_of(header, FIELDS)
        if any(name not in found for name in REQUIRED):
            return 0
        return 60 + 10 * sum(name in found for name in _TELLING)

    def read(self, source: Path | BinaryIO, settings: ImportSettings) -> Iterator[ImportEvent]:
        """See Importer.read; gives ProductDraft."""
        with CsvTable(source, settings) as table:
            yield from _Reading(table, settings).events()


class _Reading:
    """One pass over one file: the rows of one product are held at a time."""

    def __init__(self, table: CsvTable, settings: ImportSettings) -> None:
        self._table = table
        self._tally = Tally(settings.currency)
        fields = require_fields(table, FIELDS, REQUIRED)
        self._rows = RowReader(table, fields, settings)
        self._handles = SeenCodes(_MAX_HANDLES)
        self._skus = SeenCodes(_MAX_CODES)
        self._barcodes = SeenCodes(_MAX_CODES)
        self._unchecked_told: set[int] = set()
        self._current: ProductRows | None = None
        self._ready: list[ImportEvent] = []

    def events(self) -> Iterator[ImportEvent]:
        """Everything the file holds, ImportTotals last."""
        for found in self._table.rows():
            if isinstance(found, Progress):
                yield found
                continue
            self._take(found)
            if self._ready:
                yield from self._ready
                self._ready.clear()
        self._close()
        yield from self._ready
        yield self._tally.totals(self._table)

    def _take(self, found: TableRow) -> None:
        price = self._rows.money(found)
        self._tally.read(price)
        handle = self._handle(found)
        if isinstance(handle, Refusal):
            self._rows.remarks.clear()
            self._ready.append(self._tally.refuse(found.problem or handle, price))
            return
        block = self._current
        if block is None or block.handle != handle:
            self._close()
            block = self._opened(handle, found)
        self._rows.remarks.clear()
        if block.earlier_row is not None or block.is_too_long:
            self._ready.append(self._tally.refuse(self._reason(block, found), price))
            return
        block.rows.append(found)
        block.prices.append(price)
        if len(block.rows) > MAX_PRODUCT_ROWS:
            block.is_too_long = True
            for row, row_price in zip(block.rows, block.prices, strict=True):
                self._ready.append(self._tally.refuse(self._reason(block, row), row_price))
            block.rows.clear()
            block.prices.clear()

    def _opened(self, handle: str, found: TableRow) -> ProductRows:
        """Make a product with this handle the current one; the row's remarks so far are its."""
        earlier = self._handles.first_row(handle, found.row)
        block = ProductRows(handle, found.row, earlier_row=earlier)
        block.remarks += self._rows.remarks
        self._tell_when_full(self._handles, found.row, _MAX_HANDLES)
        self._current = block
        return block

    def _reason(self, block: ProductRows, found: TableRow) -> Refusal:
        if found.problem is not None:
            return found.problem
        handle = shown(block.handle)
        if block.earlier_row is not None:
            return refusal(
                found.row, "import_handle_repeated", handle=handle, first_row=block.earlier_row
            )
        return refusal(found.row, "import_product_too_long", handle=handle, limit=MAX_PRODUCT_ROWS)

    def _handle(self, found: TableRow) -> str | Refusal:
        """The handle of a row, made from its title where it has none."""
        told = self._rows.cell(found, "handle").removeprefix("'")
        title = self._rows.cell(found, "title")
        if len(told) > MAX_TEXT_CHARS:
            column = self._rows.column("handle")
            return refusal(found.row, "import_text_too_long", column=column, limit=MAX_TEXT_CHARS)
        made = _handle_from(told or title)
        if not made:
            return refusal(found.row, "import_handle_missing")
        if made != told:
            code = "import_handle_changed" if told else "import_handle_made"
            self._rows.remarks.append(remark(found.row, code, handle=shown(made)))
        return made

    def _close(self) -> None:
        block, self._current = self._current, None
        if block is None or not block.rows:
            return
        reader = ProductReader(block, self._rows)
        draft = reader.read()
        if draft is None:
            self._refuse(block, reader.refusals)
        else:
            self._accept(block, draft)
        self._rows.remarks.clear()

    def _accept(self, block: ProductRows, draft: ProductDraft) -> None:
        variants = tuple(map(self._with_own_codes, draft.variants))
        if variants != draft.variants:
            draft = replace(draft, variants=variants)
        self._tally.accept(
            rows=len(block.rows), amount=sum(each.price_amount for each in draft.variants)
        )
        self._ready.append(draft)
        for told in block.remarks + self._rows.remarks:
            self._tell(told)

    def _refuse(self, block: ProductRows, refusals: dict[int, Refusal]) -> None:
        first_bad = min(refusals)
        for found, price in zip(block.rows, block.prices, strict=True):
            refused = refusals.get(found.row) or refusal(
                found.row,
                "import_product_incomplete",
                handle=shown(block.handle),
                first_row=first_bad,
            )
            self._ready.append(self._tally.refuse(refused, price))

    def _tell(self, told: Remark) -> None:
        self._ready.append(self._tally.remark(told))

    def _with_own_codes(self, variant: VariantDraft) -> VariantDraft:
        """The variant without codes that an earlier one in the file has.

        A code that means two things would make every scan a guess; a merchant would rather see
        both variants, with their prices and stock, and give the second a code of its own.
        """
        row = variant.source_row
        if variant.sku is not None:
            earlier = self._skus.first_row(variant.sku, row)
            self._tell_when_full(self._skus, row, _MAX_CODES)
            if earlier is not None:
                self._rows.remarks.append(
                    remark(row, "import_sku_repeated", sku=shown(variant.sku), first_row=earlier)
                )
                kept = dict(variant.extra) | {self._rows.column("sku"): variant.sku}
                variant = replace(variant, sku=None, extra=kept)
        if variant.barcode is None:
            return variant
        own = [
            code for code in (variant.barcode, *variant.further_barcodes) if self._is_own(code, row)
        ]
        if len(own) == 1 + len(variant.further_barcodes):
            return variant
        return replace(variant, barcode=own[0] if own else None, further_barcodes=tuple(own[1:]))

    def _is_own(self, barcode: str, row: int) -> bool:
        earlier = self._barcodes.first_row(barcode, row)
        self._tell_when_full(self._barcodes, row, _MAX_CODES)
        if earlier is None:
            return True
        told = remark(row, "import_barcode_repeated", barcode=shown(barcode), first_row=earlier)
        self._rows.remarks.append(told)
        return False

    def _tell_when_full(self, seen: SeenCodes, row: int, limit: int) -> None:
        if seen.is_full and id(seen) not in self._unchecked_told:
            self._unchecked_told.add(id(seen))
            self._tell(remark(row, "import_codes_unchecked", limit=limit))


def _handle_from(text: str) -> str:
    """A handle fit for an address; the text itself where it is one already."""
    lower = text.casefold()
    return lower if _HANDLE.fullmatch(lower) else _NOT_IN_HANDLES.sub("-", lower).strip("-_")
