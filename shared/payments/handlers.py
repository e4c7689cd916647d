"""Handlers of payments."""

from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.orders.commands import DocState
from shared.orders.tables import OrderRow
from shared.payments.commands import PaymentKind, RefundPayment, TakePayment
from shared.payments.repository import Payment, enter_payment
from shared.storage.unit_of_work import UnitOfWork


def take_payment(command: TakePayment, work: UnitOfWork, context: Context) -> None:
    """Enter money that came in."""
    order = work.require(OrderRow, command.order_id)
    if command.amount <= 0:
        raise Rejected("amount_not_positive", field="amount")
    context.expect(
        holds=order.doc_state is not DocState.CANCELED,
        otherwise=Rejected("payment_for_canceled_order", number=order.order_number),
    )
    due = order.total_amount + order.cash_rounding_amount - order.captured_amount
    context.expect(
        holds=command.amount <= due,
        otherwise=Rejected("payment_exceeds_due", field="amount", due=due),
    )
    payment = Payment(
        kind=PaymentKind.CAPTURE,
        tender=command.tender,
        amount=command.amount,
        reference=command.reference,
    )
    enter_payment(work, context, order=order, payment=payment)


def refund_payment(command: RefundPayment, work: UnitOfWork, context: Context) -> None:
    """Give money back, with a reason."""
    order = work.require(OrderRow, command.order_id)
    if command.amount <= 0:
        raise Rejected("amount_not_positive", field="amount")
    if not command.reason.strip():
        raise Rejected("reason_missing", field="reason")
    payment = Payment(
        kind=PaymentKind.REFUND,
        tender=command.tender,
        amount=command.amount,
        reference=command.reference,
        reason=command.reason.strip(),
    )
    enter_payment(work, context, order=order, payment=payment)
