"""Rows of payments: the ledger, never changed."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import (
    LocationId,
    OrderId,
    PaymentEntryId,
    RegisterId,
    ShiftId,
    UserId,
)
from shared.payments.commands import PaymentKind, TenderKind
from shared.storage.base import Index, Reference, Row, define


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEntryRow(Row):
    """One movement of money for an order: `amount` in minor units, always positive.

    `given_amount` is what the customer handed over in cash, change included. `reference` is what
    the terminal or bank calls it; card numbers are never kept.
    """

    payment_entry_id: PaymentEntryId
    order_id: OrderId
    location_id: LocationId | None
    register_id: RegisterId | None
    shift_id: ShiftId | None
    kind: PaymentKind
    tender: TenderKind
    amount: int
    given_amount: int
    currency: str
    reference: str
    reason: str
    user_id: UserId | None
    entered_at: datetime


PAYMENT_ENTRY = define(
    PaymentEntryRow,
    "payment_entry",
    key=("payment_entry_id",),
    scope=lambda row: "finance" if row.location_id is None else f"location:{row.location_id}",
    references=(Reference(("order_id",), "sales_order"),),
    indexes=(Index(("order_id",)), Index(("shift_id",), where="shift_id IS NOT NULL")),
    checks={"payment_amount_positive": "amount > 0"},
    is_append_only=True,
)
