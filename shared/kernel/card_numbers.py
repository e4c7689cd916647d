"""Card numbers are never kept: what passes for one is masked before it is written anywhere."""

import re

_LIKE_A_CARD = re.compile(r"(?:\d[ -]?){13,19}")
_NINE = 9


def without_card_number(text: str) -> str:
    """The text with anything that passes for a card number masked but for its last four digits."""

    def mask(found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found.group())
        return f"****{digits[-4:]}" if _passes_luhn(digits) else found.group()

    return _LIKE_A_CARD.sub(mask, text.strip())


def _passes_luhn(digits: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - _NINE if value > _NINE else value
    return total % 10 == 0
