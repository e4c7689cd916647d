"""Rows and columns of an import's check: what is refused, what is odd, and what would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.merchant.import_file.heard import Heard, HeardKind
from shared.plugins.points.importer import ImportTotals
from shared.runtime.import_preview import Effects


@dataclass(frozen=True, slots=True)
class HeardRow:
    """A refused or odd row of the file; texts are written for people."""

    id: int
    row: str
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure of what would change; `tone` is the name of a tone."""

    name: str
    value: str


COLUMNS = (
    Column(key="row", title_key="merchant.import.row", kind=Kind.CODE, width=fixed(9)),
    Column(key="reason", title_key="merchant.import.reason", width=stretch(1, 30), detail="cure"),
)
_PREFIXES = {HeardKind.REFUSED: "error", HeardKind.REMARK: "remark"}


def heard_row(place: int, kind: HeardKind, heard: Heard) -> HeardRow:
    """The row in the person's language; the English reason where a plugin has no other."""
    key = f"{_PREFIXES[kind]}.{heard.code}"
    reason = i18n.tr(key, **heard.params) if i18n.has_text(key) else heard.reason
    cure = f"{key}.cure"
    return HeardRow(
        place,
        i18n.format_number(heard.row),
        reason,
        i18n.tr(cure, **heard.params) if i18n.has_text(cure) else "",
    )


_EFFECTS = (
    ("merchant.import.products", ("products_new", "products_changed", "products_unchanged")),
    ("merchant.import.variants", ("variants_new", "variants_changed", "variants_unchanged")),
)
_WORDS = ("merchant.import.new", "merchant.import.changed", "merchant.import.unchanged")
_SINGLE = (
    ("merchant.import.pictures", "media_new"),
    ("merchant.import.barcodes", "barcodes_new"),
    ("merchant.import.barcodes_kept", "barcodes_kept"),
    ("merchant.import.stock", "stock_changed"),
    ("merchant.import.orders", "orders_new"),
    ("merchant.import.orders_known", "orders_known"),
    ("merchant.import.lines", "order_lines_new"),
    ("merchant.import.customers", "customers_new"),
)


def effects(found: Effects) -> list[Effect]:
    """What would change, line by line; what does not occur is left out."""
    lines = []
    for key, names in _EFFECTS:
        counts = [getattr(found, name) for name in names]
        if any(counts):
            parts = [
                i18n.tr(word, amount=i18n.format_number(count))
                for word, count in zip(_WORDS, counts, strict=True)
                if count
            ]
            lines.append(Effect(i18n.tr(key), " · ".join(parts)))
    for key, name in _SINGLE:
        count = getattr(found, name)
        if count:
            lines.append(Effect(i18n.tr(key), i18n.format_number(count)))
    return lines


def row_counts(totals: ImportTotals) -> list[Effect]:
    """How many rows of the file were read, accepted and refused."""
    return [
        Effect(i18n.tr("merchant.import.read"), i18n.format_number(totals.rows_read)),
        Effect(i18n.tr("merchant.import.accepted"), i18n.format_number(totals.rows_accepted)),
        Effect(i18n.tr("merchant.import.refused"), i18n.format_number(totals.rows_refused)),
    ]


def money(totals: ImportTotals) -> list[Effect]:
    """Where all the money of the file went, exactly."""
    named: Sequence[tuple[str, Decimal]] = (
        ("merchant.import.imported", totals.imported_total),
        ("merchant.import.refused_money", totals.refused_total),
        ("merchant.import.rounding", totals.rounding_total),
        ("merchant.import.source", totals.source_total),
    )
    return [Effect(i18n.tr(key), exact(amount, totals.currency)) for key, amount in named]


def adds_up(totals: ImportTotals) -> bool:
    """Whether every penny of the file is accounted for."""
    parts = totals.imported_total + totals.refused_total + totals.rounding_total
    return totals.source_total == parts


def exact(amount: Decimal, currency: str) -> str:
    """An amount in major units as people write it, with every decimal it has."""
    minor = amount.scaleb(i18n.minor_digits(currency))
    if minor == minor.to_integral_value():
        return i18n.format_money(int(minor), currency)
    exponent = amount.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    return f"{i18n.format_number(amount, decimals=decimals)}\N{NO-BREAK SPACE}{currency}"
