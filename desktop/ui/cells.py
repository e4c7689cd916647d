"""What a cell says: a row's value as text, by the kind of its column."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from desktop.ui import i18n
from desktop.ui.columns import AnyRow, Badge, Column, Kind
from desktop.ui.tokens import Tone
from shared.kernel.errors import Bug


def cell_text(column: Column, row: AnyRow) -> str:
    """Give the text of one cell; empty for None."""
    value = column.read(row)
    if value is None:
        return ""
    return _TEXTS[column.kind](column, row, value)


def cell_badge(column: Column, row: AnyRow) -> Badge | None:
    """Give the badge of one cell; a value without a badge is shown plainly, never hidden."""
    value = column.read(row)
    if value is None or value == "":
        return None
    if isinstance(value, Badge):
        return value
    found = (column.badges or {}).get(str(value))
    return found or Badge(str(value), Tone.NEUTRAL)


def _named(row: AnyRow, word: str) -> str:
    return str(getattr(row, word[1:])) if word.startswith(".") else word


def _money(column: Column, row: AnyRow, value: object) -> str:
    if not isinstance(value, int):
        message = f"column {column.key!r}: money is whole minor units, not {value!r}"
        raise Bug(message)
    return i18n.format_money(value, _named(row, column.currency))


def _qty(column: Column, row: AnyRow, value: object) -> str:
    if not isinstance(value, int):
        message = f"column {column.key!r}: a quantity is whole minor units, not {value!r}"
        raise Bug(message)
    digits = column.digits
    places = int(_named(row, digits)) if isinstance(digits, str) else digits
    return i18n.format_qty(value, places, _named(row, column.unit))


def _number(_column: Column, _row: AnyRow, value: object) -> str:
    return i18n.format_number(value) if isinstance(value, int | Decimal) else str(value)


def _percent(_column: Column, _row: AnyRow, value: object) -> str:
    return i18n.format_percent(value) if isinstance(value, int) else str(value)


def _date(_column: Column, _row: AnyRow, value: object) -> str:
    return i18n.format_date(value) if isinstance(value, date) else str(value)


def _time(_column: Column, _row: AnyRow, value: object) -> str:
    return i18n.format_time(value) if isinstance(value, datetime) else str(value)


def _datetime(_column: Column, _row: AnyRow, value: object) -> str:
    return i18n.format_datetime(value) if isinstance(value, datetime) else str(value)


def _badge(column: Column, row: AnyRow, _value: object) -> str:
    badge = cell_badge(column, row)
    if badge is None:
        return ""
    return i18n.tr(badge.text_key) if i18n.has_text(badge.text_key) else badge.text_key


def _plain(_column: Column, _row: AnyRow, value: object) -> str:
    return str(value)


def _nothing(_column: Column, _row: AnyRow, _value: object) -> str:
    return ""


_TEXTS: dict[Kind, Callable[[Column, AnyRow, object], str]] = {
    Kind.TEXT: _plain,
    Kind.CODE: _plain,
    Kind.KEYS: _plain,
    Kind.MONEY: _money,
    Kind.QTY: _qty,
    Kind.NUMBER: _number,
    Kind.PERCENT: _percent,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _datetime,
    Kind.BADGE: _badge,
    Kind.ICON: _nothing,
    Kind.IMAGE: _nothing,
}
