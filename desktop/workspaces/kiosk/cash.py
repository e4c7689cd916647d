"""Coins and notes: what a customer may hand over, and what lies in a drawer; knows no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.kernel.money import currency_of

_NOTES = {
    "AED": (1000, 500, 200, 100, 50, 20, 10, 5),
    "AUD": (100, 50, 20, 10, 5),
    "CAD": (100, 50, 20, 10, 5),
    "CHF": (1000, 200, 100, 50, 20, 10),
    "CZK": (5000, 2000, 1000, 500, 200, 100),
    "DKK": (500, 200, 100, 50),
    "EUR": (200, 100, 50, 20, 10, 5),
    "GBP": (50, 20, 10, 5),
    "HUF": (20000, 10000, 5000, 2000, 1000, 500),
    "JPY": (10000, 5000, 2000, 1000),
    "KWD": (20, 10, 5, 1),
    "NOK": (500, 200, 100, 50),
    "PLN": (500, 200, 100, 50, 20, 10),
    "SAR": (500, 200, 100, 50, 20, 10, 5),
    "SEK": (1000, 500, 200, 100, 50, 20),
    "USD": (100, 50, 20, 10, 5, 1),
}
"""Notes in whole units of the currency, largest first."""
_COINS = {
    "AED": (100, 50, 25),
    "AUD": (200, 100, 50, 20, 10, 5),
    "CAD": (200, 100, 25, 10, 5),
    "CHF": (500, 200, 100, 50, 20, 10, 5),
    "CZK": (5000, 2000, 1000, 500, 200, 100),
    "DKK": (2000, 1000, 500, 200, 100, 50),
    "EUR": (200, 100, 50, 20, 10, 5, 2, 1),
    "GBP": (200, 100, 50, 20, 10, 5, 2, 1),
    "HUF": (200, 100, 50, 20, 10, 5),
    "JPY": (500, 100, 50, 10, 5, 1),
    "KWD": (500, 250, 100, 50, 20, 10, 5),
    "NOK": (2000, 1000, 500, 100),
    "PLN": (500, 200, 100, 50, 20, 10, 5, 2, 1),
    "SAR": (200, 100, 50, 25, 10, 5),
    "SEK": (1000, 500, 200, 100),
    "USD": (100, 50, 25, 10, 5, 1),
}
"""Coins in minor units, largest first."""
_SERIES = (5, 2, 1)
_MOST_QUICK = 5


@dataclass(frozen=True, slots=True)
class Denomination:
    """One coin or note; `amount` in minor units."""

    amount: int
    is_note: bool


def denominations(currency: str, coin_amount: int = 0) -> tuple[Denomination, ...]:
    """Notes and coins of a currency, largest first; coins below `coin_amount` are left out.

    A currency that is not listed gets the series 1, 2, 5 that nearly all of them follow.
    """
    exponent = currency_of(currency).exponent
    whole = 10**exponent
    notes = [note * whole for note in _NOTES.get(currency, _series(1, 3))]
    coins = list(_COINS.get(currency, _series(0, exponent + 1)))
    return tuple(
        [Denomination(amount, is_note=True) for amount in notes]
        + [
            Denomination(amount, is_note=False)
            for amount in coins
            if amount >= coin_amount and amount not in notes
        ]
    )


def _series(first: int, powers: int) -> tuple[int, ...]:
    """1, 2, 5, 10, 20, 50 ... over so many powers of ten, largest first."""
    return tuple(
        digit * 10**power for power in reversed(range(first, first + powers)) for digit in _SERIES
    )


def counted_amount(counts: Mapping[int, int]) -> int:
    """What a count adds up to: pieces by denomination (minor units)."""
    return sum(amount * pieces for amount, pieces in counts.items())


def quick_tenders(due_amount: int, currency: str) -> tuple[int, ...]:
    """What a customer is likely to hand over for a sum due, least first; the sum itself leads.

    The next amount that each of the small notes makes up, then larger single notes; minor units.
    """
    if due_amount <= 0:
        return ()
    found = {due_amount}
    for note in sorted(d.amount for d in denominations(currency) if d.is_note):
        found.add(-(-due_amount // note) * note)
    return tuple(sorted(found)[: _MOST_QUICK + 1])


def in_use(counts: Mapping[int, int], order: Sequence[Denomination]) -> tuple[tuple[int, int], ...]:
    """The counted denominations with their pieces, in the order of the drawer."""
    return tuple((each.amount, counts[each.amount]) for each in order if counts.get(each.amount))
