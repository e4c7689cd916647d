"""What stands in the search line: a quantity for what comes next, and the words to look for."""

import re
from dataclasses import dataclass
from decimal import Decimal

_TIMES = re.compile(r"\s*(\d{1,6}(?:[.,]\d{1,3})?)\s*[*×xX]\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """`times` is None where no quantity was typed; whole units of measure otherwise."""

    times: Decimal | None
    words: str


def read_typed(text: str) -> Typed:
    """Split "3*tea" or "1,250*" into quantity and words."""
    found = _TIMES.fullmatch(text)
    if found is None:
        return Typed(None, text.strip())
    times = Decimal(found[1].replace(",", "."))
    return Typed(times or None, found[2].strip())
