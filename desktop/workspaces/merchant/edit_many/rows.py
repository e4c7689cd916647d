"""What can be changed of many products, and the examples that show what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, stretch
from desktop.ui.fields import Choice
from shared.catalog.editing import PriceExample
from shared.kernel.permissions import Permission


class Aim(StrEnum):
    """What is changed."""

    PRICE = "price"
    STATUS = "status"
    TAX = "tax"
    VENDOR = "vendor"
    TYPE = "type"
    TAGS_ADDED = "tags_added"
    TAGS_REMOVED = "tags_removed"


class Way(StrEnum):
    """How prices are changed, as a person says it."""

    UP_PERCENT = "up_percent"
    DOWN_PERCENT = "down_percent"
    UP_AMOUNT = "up_amount"
    DOWN_AMOUNT = "down_amount"
    SET = "set"


PERCENT_WAYS = frozenset({Way.UP_PERCENT, Way.DOWN_PERCENT})


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One price before and after."""

    id: int
    name: str
    before_amount: int
    after_amount: int
    currency: str


COLUMNS = (
    Column(key="name", title_key="merchant.product.title", width=stretch(3, 16)),
    Column(key="before_amount", title_key="merchant.edit_many.before", kind=Kind.MONEY),
    Column(key="after_amount", title_key="merchant.edit_many.after", kind=Kind.MONEY, strong=True),
)


def price_line(place: int, example: PriceExample, currency: str) -> PriceLine:
    """One example as it stands in the list."""
    parts = (example.product_title, example.title)
    name = " – ".join(part for part in parts if part)
    return PriceLine(place, name, example.before_amount, example.after_amount, currency)


def aims(allowed: Callable[[Permission], bool]) -> list[Aim]:
    """What somebody may change of many products."""
    return [
        aim
        for aim in Aim
        if allowed(Permission.PRICE_EDIT if aim is Aim.PRICE else Permission.CATALOG_EDIT)
    ]


def roundings(currency: str) -> list[Choice]:
    """How new prices can be rounded: values are `step+ending`, in minor units."""
    whole: int = 10 ** i18n.minor_digits(currency)
    steps = [step for step in (whole // 20, whole // 10, whole // 2, whole, 10 * whole) if step > 1]
    endings = [whole * share // 100 for share in (99, 95, 90)] if whole > 1 else []
    return [
        Choice("1+0", i18n.tr("merchant.edit_many.round.none")),
        *(_rounding("steps", step, 0, currency=currency) for step in steps),
        *(_rounding("ending", whole, ending, currency=currency) for ending in endings),
    ]


def _rounding(word: str, step: int, ending: int, *, currency: str) -> Choice:
    amount = i18n.format_money(ending or step, currency)
    return Choice(f"{step}+{ending}", i18n.tr(f"merchant.edit_many.round.{word}", amount=amount))
