"""Fields of a form: one declaration per field, one editor per kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.errors import Bug


class FieldKind(StrEnum):
    """What a field holds, and so which editor shows it. In brackets: the type of its value."""

    TEXT = "text"  # (str)
    MULTILINE = "multiline"  # (str)
    MONEY = "money"  # (int minor units or None)
    QUANTITY = "quantity"  # (int minor units or None)
    CHOICE = "choice"  # (str, the chosen value, or "")
    SWITCH = "switch"  # (bool)
    DATE = "date"  # (date or None)
    IMAGE = "image"  # (bytes or None)
    TAGS = "tags"  # (tuple of str)
    SECRET = "secret"  # (str)  # noqa: S105 - the name of a kind
    PIN = "pin"  # (str of digits)


FieldValue = str | int | bool | date | bytes | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen, with the words for it (already translated)."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field. `key` is the name a `Rejected.field` uses; texts are translation keys.

    `label` is a label that somebody typed, such as the name of an option; it needs no key.
    """

    key: str
    label_key: str = ""
    label: str = ""
    kind: FieldKind = FieldKind.TEXT
    help_key: str = ""
    placeholder_key: str = ""
    is_required: bool = False
    is_half: bool = False
    choices: Sequence[Choice] = ()
    currency: str = ""
    digits: int = 0
    unit: str = ""
    longest: int = 0

    def __post_init__(self) -> None:
        """Check that the declaration fits its kind."""
        if self.kind is FieldKind.MONEY and not self.currency:
            message = f"money field {self.key!r} needs a currency"
            raise Bug(message)


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields under a heading; the heading is a translation key or empty."""

    title_key: str
    fields: tuple[FieldSpec, ...]
    text_key: str = ""
