"""Rules of the catalog: handles, titles of variants, what people search by."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_NOT_IN_A_HANDLE = re.compile(r"[^\w]+", re.UNICODE)
MAX_TITLE_CHARS = 255


def handle_from(title: str) -> str:
    """A handle for an address bar: letters and digits in lower case with single hyphens."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    return _NOT_IN_A_HANDLE.sub("-", plain).strip("-_") or "product"


def variant_title(option_values: Iterable[str]) -> str:
    """What tells a variant from its siblings: "Red / L"; empty for an only variant."""
    values = [value for value in option_values if value and value != "Default Title"]
    return " / ".join(values)


def search_text(
    product_title: str, title: str, *, sku: str | None, barcodes: Iterable[str], vendor: str
) -> str:
    """The words by which people find a variant, in the order of their weight."""
    parts = (product_title, title, sku or "", *sorted(barcodes), vendor)
    return " ".join(part for part in parts if part)


class PriceMove(StrEnum):
    """How the prices of many variants are changed."""

    SET = "set"
    """All become the same amount."""
    BY_AMOUNT = "by_amount"
    BY_PERCENT = "by_percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """A change of many prices.

    `by` is in minor units, for BY_PERCENT in hundredths of a percent, and negative where prices go
    down. What comes out is rounded, half up, to whole `step_amount`s plus `ending_amount`: 100 and
    99 give prices that end with .99.
    """

    move: PriceMove
    by: int
    step_amount: int = 1
    ending_amount: int = 0

    def price(self, amount: int) -> int:
        """The new price; negative where it cannot be. Rounding never makes a price of nothing."""
        if self.move is PriceMove.SET:
            return self.by
        scale = _WHOLE if self.move is PriceMove.BY_PERCENT else 1
        exact = amount * (_WHOLE + self.by) if scale == _WHOLE else amount + self.by
        if exact <= 0:
            return exact // scale
        steps = (2 * (exact - self.ending_amount * scale) + scale * self.step_amount) // (
            2 * scale * self.step_amount
        )
        rounded = steps * self.step_amount + self.ending_amount
        return rounded if rounded > 0 else self.ending_amount or self.step_amount


_WHOLE = 10_000
"""A hundred percent in hundredths of a percent."""
