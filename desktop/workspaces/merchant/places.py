"""Where one can go in the back office: a screen, and what it should show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Screen(StrEnum):
    """The screens, by their ids."""

    HOME = "home"
    ORDERS = "orders"
    PRODUCTS = "products"
    CUSTOMERS = "customers"
    INBOX = "inbox"
    IMPORTS = "imports"
    SYNC = "sync"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A screen with what it shows: one row by `key`, or its list narrowed by `show`.

    `key` may be NEW. `part` is what should be marked on its page, such as a variant. `filled` are
    fields to begin with, by the names of the command's arguments.
    """

    screen: Screen
    key: str = ""
    show: str = ""
    part: str = ""
    filled: Mapping[str, object] = field(default_factory=dict)


NEW = "new"
