"""The importer point: what a reader of other shops' files is given, and what it gives out."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeAlias

from shared.kernel.errors import Bug

ProductState = Literal["active", "draft", "archived"]
LineKind = Literal["goods", "shipping", "discount", "fee", "adjustment"]
OrderKind = Literal["sale", "cancellation"]
DateOrder = Literal["month_first", "day_first"]
DecimalMark = Literal[".", ","]


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What a person decides before a file is read.

    `currency` is the ISO 4217 code of all money in the file. `zone` is the IANA zone of dates that
    name none. `date_order` settles dates such as 1/2/11. `decimal_mark` and `encoding` are decided
    from the file when None.
    """

    currency: str
    zone: str = "Europe/London"
    date_order: DateOrder = "month_first"
    decimal_mark: DecimalMark | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One thing that is sold, as the file has it.

    Amounts are minor units of the settings' currency; `on_hand_qty` is whole pieces and may be
    negative (oversold). `extra` holds the row's further variant columns by their header text.
    `source_row` is the spreadsheet row (the header is row 1).
    """

    option_values: tuple[str, ...]
    sku: str | None
    barcode: str | None
    price_amount: int
    compare_at_amount: int | None
    cost_amount: int | None
    weight_grams: int | None
    is_stock_tracked: bool
    on_hand_qty: int
    allows_oversell: bool
    is_taxable: bool
    tax_code: str | None
    requires_shipping: bool
    image_url: str | None
    extra: Mapping[str, str]
    source_row: int
    further_barcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaDraft:
    """A picture of a product; `position` counts from 1 and is unique in its product."""

    url: str
    position: int
    alt_text: str


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product with all its variants and pictures; never a part of one.

    `option_names` is empty for a product with a single plain variant, else each variant has as many
    `option_values`. `description_html` is as in the file: whoever shows it must sanitise it.
    """

    handle: str
    title: str
    description_html: str
    vendor: str
    product_type: str
    tags: tuple[str, ...]
    status: ProductState
    option_names: tuple[str, ...]
    variants: tuple[VariantDraft, ...]
    media: tuple[MediaDraft, ...]
    extra: Mapping[str, str]
    source_rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrderLineDraft:
    """One line of an order; signs are the file's own (a cancelled line has a negative `qty`).

    `line_amount` is quantity times the file's unit price, rounded once to minor units, halves away
    from zero. `unit_price_amount` is the unit price rounded the same way;
    `exact_unit_price` is its exact decimal text where the file has more decimals than the currency,
    else None. `sku` is the file's code; for other kinds than goods it names the charge.
    """

    kind: LineKind
    sku: str | None
    title: str
    qty: int
    unit_price_amount: int
    line_amount: int
    source_row: int
    exact_unit_price: str | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order of the past, whole; its total is the sum of its lines' `line_amount`.

    A number that comes back in the file after its order was given out makes a second draft, whose
    `continued_at_row` is the row where it goes on; a caller that cannot add lines to the first
    keeps it apart under `reference`. `country` is the file's word, `country_code` ISO 3166 if it
    is known.
    """

    number: str
    kind: OrderKind
    placed_at: datetime
    customer_code: str | None
    country: str
    country_code: str | None
    currency: str
    lines: tuple[OrderLineDraft, ...]
    source_rows: tuple[int, ...]
    continued_at_row: int | None = None

    @property
    def reference(self) -> str:
        """The number, made unique within the file."""
        if self.continued_at_row is None:
            return self.number
        return f"{self.number}/{self.continued_at_row}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not taken over.

    `reason` is an English sentence for logs and reports; screens show `error.<code>` with `params`.
    """

    row: int
    code: str
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something repaired or odd in a row that is taken over all the same (`remark.<code>`)."""

    row: int
    code: str
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is, in bytes of the file as it lies on disk; total None if unknown."""

    bytes_read: int
    bytes_total: int | None
    rows_read: int


@dataclass(frozen=True, slots=True)
class ImportTotals:
    """The last event of a reading that came to the end of the file.

    Rows are data rows that are not blank. Money is exact, in major units of `currency`, and stands
    for what the importer says it sums (product files: the price of each variant row; invoice lines:
    quantity times unit price). `rows_without_money` counts rows whose money could not be read;
    they are in no total. `file_digest` is the SHA-256 of the file's bytes: before applying,
    compare it with that of the dry run.
    """

    rows_read: int
    rows_accepted: int
    rows_refused: int
    rows_without_money: int
    drafts_made: int
    currency: str
    source_total: Decimal
    imported_total: Decimal
    refused_total: Decimal
    rounding_total: Decimal
    refusals: Mapping[str, int]
    remarks: Mapping[str, int]
    file_digest: str


ImportEvent: TypeAlias = ProductDraft | OrderDraft | Refusal | Remark | Progress | ImportTotals


class Importer(Protocol):
    """Reads one kind of file. Holds no state: one instance may read many files at once.

    `id` is stable and stored with what was imported; `title_key` is a translation key.
    """

    @property
    def id(self) -> str:
        """Stable name, such as `shopify_products`."""
        ...

    @property
    def title_key(self) -> str:
        """Key of the name that people see."""
        ...

    def detect(self, header: Sequence[str]) -> int:
        """How well a header fits, 0 (not mine) to 100."""
        ...

    def read(self, source: Path | BinaryIO, settings: ImportSettings) -> Iterator[ImportEvent]:
        """Read the file as a stream; memory does not grow with it.

        Every row that is not blank is either part of a draft or named in one Refusal. The last
        event is ImportTotals; a reading that raises instead came to no end, and what it gave
        out must not be applied: make a dry run first. Close the iterator to cancel.

        Raises Rejected (codes `import_*`) for a file that cannot be read as this kind, and
        Unavailable (`import_read_failed`) when the disk fails.
        """
        ...


def dry_run(importer: Importer, source: Path | BinaryIO, settings: ImportSettings) -> ImportTotals:
    """Read a whole file, keep nothing, and return its totals; raises what `read` raises."""
    latest = deque(importer.read(source, settings), maxlen=1)
    last = latest.pop() if latest else None
    if not isinstance(last, ImportTotals):
        message = f"importer {importer.id} ended without totals"
        raise Bug(message)
    return last


def choose_importer(importers: Sequence[Importer], header: Sequence[str]) -> Importer | None:
    """The importer whose kind a header fits best, or None; the earlier one on a tie."""
    best = max(importers, key=lambda importer: importer.detect(header), default=None)
    return best if best is not None and best.detect(header) > 0 else None
