"""Cells of one Shopify row become a variant, a picture and what else the row carries."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from shared.kernel.errors import Rejected
from shared.plugins.builtin.csv_table import CsvTable, TableRow
from shared.plugins.builtin.import_reasons import remark
from shared.plugins.builtin.import_values import (
    Amount,
    NumberReader,
    at_column,
    boolean,
    shown,
)
from shared.plugins.builtin.shopify_columns import (
    CONTENT_OF_VARIANT,
    KEPT_AS_FOUND,
    OPTIONS,
    is_of_variant,
)
from shared.plugins.points.importer import ImportSettings, MediaDraft, Remark, VariantDraft

MAX_TEXT_CHARS = 255
MAX_DESCRIPTION_CHARS = 512 * 1024
MAX_TAGS_CHARS = 5_000
MAX_URL_CHARS = 2048
MAX_WEIGHT_GRAMS = 1_000_000_000

_ESCAPED = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REPLACEMENT = "\ufffd"
_ROUNDED_BARCODE = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_FLOAT_CODE = re.compile(r"([0-9]+)\.0+")
_GTIN_LENGTHS = (8, 12, 13, 14)
_BARCODE_MARKS = re.compile(r"[;,\n]")
_OVERSELL = {"": False, "deny": False, "continue": True}
T = TypeVar("T")


class RowReader:
    """Reads the rows of one table; what is odd goes to `remarks`. Raises Rejected with `column`.

    `options` are those of OPTIONS that the file has columns for.
    """

    def __init__(
        self, table: CsvTable, fields: Mapping[str, int], settings: ImportSettings
    ) -> None:
        self._table = table
        self._fields = fields
        self._currency = settings.currency
        self._content = [fields[name] for name in CONTENT_OF_VARIANT if name in fields]
        self.options = tuple(each for each in OPTIONS if each[1] in fields or each[2] in fields)
        mark = settings.decimal_mark or (None if table.delimiter == ";" else ".")
        self._numbers = NumberReader(settings.currency, mark)
        used = {place for name, place in fields.items() if name not in KEPT_AS_FOUND}
        self._unread = [
            (place, table.column_name(place))
            for place in range(len(table.header))
            if place not in used
        ]
        self._product_columns = [entry for entry in self._unread if not is_of_variant(entry[1])]
        self._variant_columns = [entry for entry in self._unread if is_of_variant(entry[1])]
        self.remarks: list[Remark] = []

    def cell(self, found: TableRow, name: str) -> str:
        """A cell without blanks around; empty where the file has no such column."""
        place = self._fields.get(name)
        return "" if place is None else found.cells[place].strip()

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self._fields

    def column(self, name: str) -> str:
        """What the file calls a field's column."""
        return self._table.column_name(self._fields[name])

    def text(self, found: TableRow, name: str, limit: int = MAX_TEXT_CHARS) -> str:
        """A text without the apostrophe that shields a formula, and without control characters."""
        text = self.cell(found, name)
        if not text:
            return ""
        if text[0] == "'" and text[1:].startswith(_ESCAPED):
            text = text[1:]
        if len(text) > limit:
            raise Rejected("import_text_too_long", column=self.column(name), limit=limit)
        if _CONTROLS.search(text):
            text = _CONTROLS.sub("", text)
            self._tell(found, "import_controls_removed", column=self.column(name))
        if _REPLACEMENT in text:
            self._tell(found, "import_text_damaged", column=self.column(name))
        return text

    def is_variant(self, found: TableRow) -> bool:
        """Whether a row below the first describes a variant (or only a picture)."""
        return any(found.cells[place].strip() for place in self._content)

    def money(self, found: TableRow) -> Decimal | None:
        """The exact price in a row, None where there is none or it cannot be read."""
        text = self._number_text(found, "price")
        if not text or not found.is_aligned:
            return None
        try:
            return self._numbers.money(text).exact
        except Rejected:
            # The row itself is refused for this where its price is asked for.
            return None

    def variant(
        self, found: TableRow, option_values: tuple[str, ...], *, is_first: bool
    ) -> VariantDraft:
        """The variant of a row, its codes still unchecked against the rest of the file."""
        price = self._amount(found, "price")
        if price is None:
            raise Rejected("import_price_missing", column=self.column("price"))
        tracker = self.cell(found, "tracker")
        quantity = self._number_text(found, "quantity")
        barcodes = self._barcodes(found)
        return VariantDraft(
            option_values=option_values,
            sku=self._code(found, "sku"),
            barcode=barcodes[0] if barcodes else None,
            price_amount=price,
            compare_at_amount=self._amount(found, "compare_at"),
            cost_amount=self._amount(found, "cost"),
            weight_grams=self._weight(found),
            is_stock_tracked=bool(tracker if self.has("tracker") else quantity),
            on_hand_qty=self._read("quantity", quantity, self._numbers.whole) if quantity else 0,
            allows_oversell=self._oversell(found),
            is_taxable=self._boolean(found, "taxable"),
            tax_code=self.text(found, "tax_code") or None,
            requires_shipping=self._boolean(found, "requires_shipping"),
            image_url=self._url(found, "variant_image"),
            # Below the first row, a filled column can only speak of the row's own variant.
            extra=self._extra(found, self._variant_columns if is_first else self._unread)
            | ({self.column("tracker"): tracker} if tracker not in {"", "shopify"} else {}),
            source_row=found.row,
            further_barcodes=tuple(barcodes[1:]),
        )

    def picture(self, found: TableRow) -> MediaDraft | None:
        """The picture of a row; position 0 where the file does not say."""
        url = self._url(found, "image")
        if url is None:
            return None
        position = self.cell(found, "image_position")
        return MediaDraft(
            url=url,
            position=int(position) if position.isdecimal() else 0,
            alt_text=self.text(found, "image_alt", MAX_URL_CHARS),
        )

    def product_extra(self, found: TableRow) -> dict[str, str]:
        """The filled columns of a row that no field reads and that are not the variant's."""
        return self._extra(found, self._product_columns)

    def is_published(self, found: TableRow) -> bool:
        """Whether the product is shown in the shop; so it is where the file does not say."""
        return self._boolean(found, "published")

    def _tell(self, found: TableRow, code: str, **params: str | int) -> None:
        self.remarks.append(remark(found.row, code, **params))

    def _read(self, name: str, text: str, reader: Callable[[str], T]) -> T:
        try:
            return reader(text)
        except Rejected as error:
            raise at_column(error, self.column(name)) from error

    def _number_text(self, found: TableRow, name: str) -> str:
        """A number's text, without the apostrophe that makes a spreadsheet keep it as text."""
        return self.cell(found, name).removeprefix("'")

    def _amount(self, found: TableRow, name: str) -> int | None:
        text = self._number_text(found, name)
        if not text:
            return None
        amount: Amount = self._read(name, text, self._numbers.money)
        column = self.column(name)
        if amount.exact < 0:
            raise Rejected("import_price_negative", value=shown(text), column=column)
        if amount.minor is None:
            raise Rejected(
                "import_price_too_precise",
                value=shown(text),
                column=column,
                currency=self._currency,
            )
        return amount.minor

    def _weight(self, found: TableRow) -> int | None:
        text = self._number_text(found, "weight")
        if not text:
            return None
        grams: Decimal = self._read("weight", text, self._numbers.decimal)
        column = self.column("weight")
        if grams < 0:
            raise Rejected("import_number_negative", value=shown(text), column=column)
        if grams > MAX_WEIGHT_GRAMS:
            raise Rejected("import_number_too_large", value=shown(text), column=column)
        whole = int(grams.to_integral_value(ROUND_HALF_UP))
        if whole != grams:
            self._tell(found, "import_weight_rounded", value=shown(text))
        return whole

    def _boolean(self, found: TableRow, name: str) -> bool:
        text = self.cell(found, name)
        return True if not text else self._read(name, text, _yes)

    def _oversell(self, found: TableRow) -> bool:
        text = self.cell(found, "oversell")
        known = _OVERSELL.get(text.casefold())
        if known is not None:
            return known
        try:
            return boolean(text, blank=False)
        except Rejected as error:
            raise Rejected(
                "import_choice_unknown",
                value=shown(text),
                column=self.column("oversell"),
                allowed="deny, continue",
            ) from error

    def _code(self, found: TableRow, name: str) -> str | None:
        """A merchant's code; Shopify shields codes with an apostrophe, which is no part of them."""
        text = self.text(found, name)
        return text.removeprefix("'").strip() or None

    def _barcodes(self, found: TableRow) -> list[str]:
        barcodes: list[str] = []
        for part in _BARCODE_MARKS.split(self.text(found, "barcode", MAX_URL_CHARS)):
            code = part.strip().removeprefix("'").strip()
            if _ROUNDED_BARCODE.fullmatch(code):
                self._tell(found, "import_barcode_damaged", value=shown(code))
                continue
            whole = _FLOAT_CODE.fullmatch(code)
            code = whole[1] if whole else code
            if not code or code in barcodes:
                continue
            if len(code) > MAX_TEXT_CHARS:
                column = self.column("barcode")
                raise Rejected("import_text_too_long", column=column, limit=MAX_TEXT_CHARS)
            if not has_sound_check_digit(code):
                self._tell(found, "import_barcode_check_digit", barcode=code)
            barcodes.append(code)
        return barcodes

    def _url(self, found: TableRow, name: str) -> str | None:
        url = self.cell(found, name)
        if not url:
            return None
        if not url.startswith(("https://", "http://")) or len(url) > MAX_URL_CHARS or " " in url:
            self._tell(found, "import_image_skipped", value=shown(url))
            return None
        return url

    def _extra(self, found: TableRow, columns: list[tuple[int, str]]) -> dict[str, str]:
        cells = found.cells
        return {header: cells[place].strip() for place, header in columns if cells[place].strip()}


def _yes(text: str) -> bool:
    return boolean(text, blank=True)


def has_sound_check_digit(code: str) -> bool:
    """Whether a code that looks like a GTIN (8, 12, 13 or 14 digits) ends in the right digit.

    Other codes are a shop's own and always sound.
    """
    if len(code) not in _GTIN_LENGTHS or not (code.isascii() and code.isdecimal()):
        return True
    return (sum(map(int, code[-1::-2])) + 3 * sum(map(int, code[-2::-2]))) % 10 == 0
