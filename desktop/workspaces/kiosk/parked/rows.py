"""Parked sales as they are listed."""

from dataclasses import dataclass

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.kiosk.cart import Cart, priced
from desktop.workspaces.kiosk.carts import Carts
from desktop.workspaces.kiosk.sale.rows import own_way
from shared.organization.tables import StoreRow


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One parked sale; `amount` in minor units of `currency`.

    `place` is the device where it is parked, empty for this one.
    """

    id: str
    name: str
    detail: str
    amount: int
    currency: str
    place: str = ""


_NAME = (
    Column(
        key="name",
        title_key="kiosk.parked.name",
        width=stretch(1, 14),
        strong=True,
        detail="detail",
    ),
)
_PLACE = (Column(key="place", title_key="kiosk.parked.place", width=fixed(14), muted=True),)
_AMOUNT = (Column(key="amount", title_key="kiosk.parked.amount", kind=Kind.MONEY, width=fixed(11)),)
OWN_COLUMNS = (*_NAME, *_AMOUNT)
STORE_COLUMNS = (*_NAME, *_PLACE, *_AMOUNT)
"""Where some are parked at other devices."""


def parked_rows(carts: Carts, store: StoreRow) -> list[ParkedRow]:
    """All that can be taken up here: what is parked here, then what other devices have parked."""
    return [
        *(parked_row(cart, store) for cart in carts.parked),
        *(parked_row(each.cart, store, place=each.place) for each in carts.at_others),
    ]


def parked_row(cart: Cart, store: StoreRow, *, place: str = "") -> ParkedRow:
    """A parked sale: whose it is, since when, and what it holds."""
    first = cart.lines[0].sale.title if cart.lines else ""
    name = cart.customer_name or cart.note or first or i18n.tr("kiosk.parked.unnamed")
    parts = [i18n.format_time(cart.started_at), i18n.tr("kiosk.lines", count=len(cart.lines))]
    if cart.cashier_name:
        parts.append(cart.cashier_name)
    return ParkedRow(
        id=cart.order_id,
        name=own_way(name),
        detail="  ·  ".join(parts),
        amount=priced(cart, store).total_amount,
        currency=store.currency,
        place=own_way(place),
    )
