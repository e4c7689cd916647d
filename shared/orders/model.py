"""The two derived axes of an order, as pure functions of its ledgers."""

from collections.abc import Iterable

from shared.kernel.states import StateTable
from shared.orders.commands import DocState, FulfillmentStatus, PaymentStatus

DOC_STATES = StateTable(
    "order",
    DocState,
    {
        DocState.DRAFT: frozenset({DocState.PLACED, DocState.CANCELED}),
        DocState.PLACED: frozenset({DocState.CLOSED, DocState.CANCELED}),
        DocState.CLOSED: frozenset(),
        DocState.CANCELED: frozenset(),
    },
)


def payment_status(*, due_amount: int, captured_amount: int, refunded_amount: int) -> PaymentStatus:
    """Where an order stands with money; amounts in minor units."""
    if captured_amount == 0:
        return PaymentStatus.PAID if due_amount <= 0 else PaymentStatus.NONE
    if refunded_amount >= captured_amount:
        return PaymentStatus.REFUNDED
    if refunded_amount > 0:
        return PaymentStatus.PARTIALLY_REFUNDED
    if captured_amount < due_amount:
        return PaymentStatus.PARTIALLY_PAID
    return PaymentStatus.OVERPAID if captured_amount > due_amount else PaymentStatus.PAID


def fulfillment_status(lines: Iterable[tuple[int, int, int]]) -> FulfillmentStatus:
    """Where an order stands with goods, from (ordered, shipped, canceled) of each goods line."""
    ordered = shipped = canceled = 0
    for ordered_qty, shipped_qty, canceled_qty in lines:
        ordered += abs(ordered_qty)
        shipped += abs(shipped_qty)
        canceled += abs(canceled_qty)
    if ordered == 0:
        return FulfillmentStatus.NOT_REQUIRED
    if canceled >= ordered:
        return FulfillmentStatus.CANCELED
    if shipped == 0:
        return FulfillmentStatus.UNFULFILLED
    if shipped + canceled >= ordered:
        return FulfillmentStatus.FULFILLED
    return FulfillmentStatus.PARTIALLY_FULFILLED
