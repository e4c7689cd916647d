"""Plain English words for papers, so that tests can read what is printed."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path

from shared.kernel.money import format_plain

ROOT = Path(__file__).resolve().parents[2]


@cache
def _texts() -> dict[str, str]:
    return tomllib.loads((ROOT / "resources/translations/en/paper.toml").read_text("utf-8"))


class PlainWords:
    """Texts of the English translation, figures without any locale."""

    def text(self, key: str, **params: str | int) -> str:
        """The English text."""
        return _texts()[key].format(**params)

    def money(self, amount: int, currency: str) -> str:
        """Digits and a point."""
        return format_plain(amount, currency)

    def quantity(self, qty: int, exponent: int) -> str:
        """Digits and a point."""
        return str(qty) if exponent == 0 else f"{qty / 10**exponent:.{exponent}f}"

    def percent(self, ppm: int) -> str:
        """Digits and a sign."""
        return f"{ppm / 10_000:g} %"

    def moment(self, at: datetime) -> str:
        """ISO date and time."""
        return at.strftime("%Y-%m-%d %H:%M")
