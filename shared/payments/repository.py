"""The only writer of the payment ledger; the order's sums move with it."""

from dataclasses import dataclass

from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import PaymentEntryId, ShiftId
from shared.orders.repository import with_money
from shared.orders.tables import OrderRow
from shared.payments.commands import PaymentKind, TenderKind
from shared.payments.tables import PaymentEntryRow
from shared.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One movement of money to be entered; amounts in minor units of the order's currency.

    `given_amount` is cash handed over, change included; 0 where it equals `amount`.
    """

    kind: PaymentKind
    tender: TenderKind
    amount: int
    given_amount: int = 0
    reference: str = ""
    reason: str = ""
    shift_id: ShiftId | None = None


def enter_payment(
    work: UnitOfWork, context: Context, *, order: OrderRow, payment: Payment
) -> OrderRow:
    """Enter one movement of money and return the order with its new sums.

    A refund above what was captured is refused, by the database too.
    """
    is_refund = payment.kind is PaymentKind.REFUND
    left = order.captured_amount - order.refunded_amount
    if is_refund and payment.amount > left:
        raise Rejected("refund_exceeds_captured", field="amount", left=left)
    work.insert(
        PaymentEntryRow(
            payment_entry_id=PaymentEntryId(context.next_id()),
            order_id=order.order_id,
            location_id=order.location_id,
            register_id=context.station.register_id,
            shift_id=payment.shift_id,
            kind=payment.kind,
            tender=payment.tender,
            amount=payment.amount,
            given_amount=payment.given_amount or payment.amount,
            currency=order.currency,
            reference=payment.reference,
            reason=payment.reason,
            user_id=context.actor.user_id,
            entered_at=context.business_at,
        )
    )
    if is_refund:
        changed = with_money(order, refunded=payment.amount)
    else:
        changed = with_money(order, captured=payment.amount)
    work.put(changed)
    return changed
