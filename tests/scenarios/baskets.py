"""Twenty-five real baskets: mixed tax, discounts, split payments, exact cash and change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Basket:
    """What one customer buys: (code, times) pairs and how they pay.

    `price` is the unit price of the first code in pence at the time of the story; `percent` a
    discount on everything, `card` the pence paid by card.
    """

    codes: list[list[object]]
    price: int
    percent: int = 0
    card: int = 0
    is_exact: bool = False


_LINENS = (
    ("9521001400022", 425),
    ("9521002100037", 325),
    ("9521002800043", 495),
    ("9521008400124", 210),
    ("9521013300198", 375),
)
"""Standard rate."""
SCARCE = "9521010500157"
"""Sold once only; the back office counts it to zero while the till is offline."""
HEART = "9521000700017"


def _baskets() -> tuple[Basket, ...]:
    made = [
        Basket([[SCARCE, 1]], 0),
        Basket([[HEART, 2], ["G003", 1]], 295, is_exact=True),
        Basket([["G001", 1], ["G005", 2]], 0, card=100),
    ]
    groceries = ("G003", "G006", "G008", "G010", "G012")
    for place in range(len(made), 25):
        linen, price = _LINENS[place % len(_LINENS)]
        codes: list[list[object]] = [[linen, 1 + place % 2], [groceries[place % 5], 1]]
        if place % 4 == 0:
            codes.append([HEART, 1])
        made.append(
            Basket(
                codes,
                price,
                percent=10 if place % 7 == 0 else 0,
                card=150 if place % 5 == 0 else 0,
                is_exact=place % 3 == 0,
            )
        )
    return tuple(made)


BASKETS = _baskets()
