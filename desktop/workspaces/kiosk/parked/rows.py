"""Parked sales as they are listed."""

from dataclasses import dataclass

from desktop.ui import i18n
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.workspaces.kiosk.cart import Cart, priced
from desktop.workspaces.kiosk.sale.rows import own_way
from shared.organization.tables import StoreRow


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One parked sale; `amount` in minor units of `currency`."""

    id: str
    name: str
    detail: str
    amount: int
    currency: str


COLUMNS = (
    Column(
        key="name",
        title_key="kiosk.parked.name",
        width=stretch(1, 14),
        strong=True,
        detail="detail",
    ),
    Column(key="amount", title_key="kiosk.parked.amount", kind=Kind.MONEY, width=fixed(11)),
)


def parked_row(cart: Cart, store: StoreRow) -> ParkedRow:
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
    )
