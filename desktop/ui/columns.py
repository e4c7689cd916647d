"""Columns of a list as data: what is shown, how wide, how it is painted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from desktop.ui.tokens import Tone

# A row is any frozen type; columns read it by attribute.
AnyRow: TypeAlias = Any


class Kind(StrEnum):
    """How a cell is read and painted."""

    TEXT = "text"
    MONEY = "money"
    QTY = "qty"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    BADGE = "badge"
    ICON = "icon"
    IMAGE = "image"
    CODE = "code"
    KEYS = "keys"


class Align(StrEnum):
    """Where a cell's content stands: at the start of the line, in the middle, at its end."""

    START = "start"
    CENTER = "center"
    END = "end"


@dataclass(frozen=True, slots=True)
class Width:
    """How wide a column is: `chars` letters at least, and a share of what is left over."""

    chars: int
    share: int = 0


def fixed(chars: int) -> Width:
    """Make a column that is always `chars` letters wide."""
    return Width(chars)


def stretch(share: int = 1, chars: int = 12) -> Width:
    """Make a column that takes a share of the free width, never less than `chars` letters."""
    return Width(chars, share)


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in a coloured pill, with an icon, so that colour never speaks alone."""

    text_key: str
    tone: Tone = Tone.NEUTRAL
    icon: str = ""


_END_KINDS = frozenset({Kind.MONEY, Kind.QTY, Kind.NUMBER, Kind.PERCENT})
_WIDTHS = {
    Kind.MONEY: 12,
    Kind.QTY: 9,
    Kind.NUMBER: 9,
    Kind.PERCENT: 8,
    Kind.DATE: 13,
    Kind.TIME: 8,
    Kind.DATETIME: 20,
    Kind.BADGE: 16,
    Kind.ICON: 4,
    Kind.IMAGE: 5,
    Kind.CODE: 16,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `key` names the row's attribute unless `value` reads it.

    - MONEY: the attribute is int minor units; the currency is `currency` or, when that starts
      with a dot, the row's attribute of that name (`.currency`, the default).
    - QTY: int minor units; `digits` is a number of digits or the row's attribute (`.digits`),
      `unit` a word or the row's attribute.
    - BADGE: the attribute is looked up in `badges`. ICON: the attribute is an icon's name.
    - `detail` names an attribute shown small under (or, in low rows, after) the text.
    - `yields`: where there is no room for all, columns with the greatest number go first; 0 stays.
    - `sort` is the word given to the source when the header is clicked; empty: not sortable.
    """

    key: str
    title_key: str
    kind: Kind = Kind.TEXT
    width: Width | None = None
    align: Align | None = None
    value: Callable[[AnyRow], object] | None = None
    detail: str = ""
    sort: str = ""
    currency: str = ".currency"
    digits: int | str = 0
    unit: str = ""
    badges: Mapping[str, Badge] | None = None
    muted: bool = False
    strong: bool = False
    yields: int = 0

    @property
    def alignment(self) -> Align:
        """Give where the content stands: figures at the end, all else at the start."""
        if self.align is not None:
            return self.align
        if self.kind in _END_KINDS:
            return Align.END
        return Align.CENTER if self.kind in {Kind.ICON, Kind.IMAGE} else Align.START

    @property
    def room(self) -> Width:
        """Give the width: as asked, else what the kind needs."""
        if self.width is not None:
            return self.width
        return fixed(_WIDTHS[self.kind]) if self.kind in _WIDTHS else stretch()

    def rank(self, row: AnyRow) -> Any:  # noqa: ANN401 - whatever the column holds, it compares
        """Give what a short list is sorted by: the value, words without regard to capitals."""
        value = self.read(row)
        return value.casefold() if isinstance(value, str) else value

    def read(self, row: AnyRow) -> object:
        """Take this column's value out of a row."""
        return self.value(row) if self.value is not None else getattr(row, self.key)


@dataclass(frozen=True, slots=True)
class Sort:
    """The order asked of a source."""

    by: str
    is_descending: bool = False
