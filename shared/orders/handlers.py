"""Handlers of orders."""

from dataclasses import replace

from shared.customers.tables import CustomerRow
from shared.inventory.repository import reserve
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderLineId
from shared.orders.commands import (
    CancelOrder,
    DocState,
    FulfillmentStatus,
    LineEntryKind,
    LineKind,
    NoteOrder,
    PaymentStatus,
    PlaceOrder,
)
from shared.orders.events import OrderCanceled, OrderPlaced
from shared.orders.model import DOC_STATES
from shared.orders.repository import (
    business_on,
    cart_of,
    enter_quantities,
    goods_spec,
    shipping_spec,
    the_store,
    write_order,
)
from shared.orders.tables import ORDER, ORDER_LINE, OrderLineRow, OrderRow
from shared.organization.tables import LocationRow, StoreRow
from shared.pricing.engine import PricedCart, price_cart
from shared.storage.unit_of_work import UnitOfWork


def place_order(command: PlaceOrder, work: UnitOfWork, context: Context) -> None:
    """Agree an order: price it from the catalog, freeze it, promise the stock."""
    work.require(LocationRow, command.location_id)
    if not command.lines:
        raise Rejected("order_empty", field="lines")
    if work.find(OrderRow, ORDER.c.order_number == command.order_number):
        raise Rejected("order_number_taken", field="order_number", number=command.order_number)
    store = the_store(work)
    specs = [goods_spec(work, line) for line in command.lines]
    if command.shipping_amount:
        shipping = shipping_spec(
            work,
            OrderLineId(context.next_id()),
            title=command.shipping_title,
            amount=command.shipping_amount,
        )
        specs.append(shipping)
    priced = price_cart(cart_of(store, specs, command.order_discounts))
    expected = command.expected_total_amount
    if expected is not None and expected != priced.total_amount:
        raise Rejected("total_differs", expected=expected, actual=priced.total_amount)
    order = _order_row(command, store, priced=priced, context=context)
    if command.customer_id is not None:
        customer = work.require(CustomerRow, command.customer_id)
        order = replace(
            order,
            customer_name=order.customer_name or customer.name,
            email=order.email or customer.email,
        )
    for line in write_order(work, order, specs=specs, priced=priced):
        if line.variant_id is not None:
            reserve(work, line.variant_id, command.location_id, qty=line.qty)
    context.emit(OrderPlaced(order_id=command.order_id))


def _order_row(
    command: PlaceOrder, store: StoreRow, *, priced: PricedCart, context: Context
) -> OrderRow:
    return OrderRow(
        order_id=command.order_id,
        order_number=command.order_number,
        channel=command.channel,
        doc_state=DocState.PLACED,
        payment_status=PaymentStatus.NONE if priced.total_amount else PaymentStatus.PAID,
        fulfillment_status=FulfillmentStatus.UNFULFILLED,
        location_id=command.location_id,
        register_id=None,
        shift_id=None,
        user_id=context.actor.user_id,
        customer_id=command.customer_id,
        customer_name=command.customer_name,
        email=command.email,
        ship_to=command.ship_to,
        currency=store.currency,
        is_tax_inclusive=store.is_tax_inclusive,
        discount_amount=priced.discount_amount,
        net_amount=priced.net_amount,
        tax_amount=priced.tax_amount,
        total_amount=priced.total_amount,
        cash_rounding_amount=0,
        captured_amount=0,
        refunded_amount=0,
        order_discounts=command.order_discounts,
        tax_groups=priced.tax_groups,
        note=command.note,
        import_id=None,
        placed_at=context.business_at,
        business_on=business_on(store, context),
    )


def cancel_order(command: CancelOrder, work: UnitOfWork, context: Context) -> None:
    """Call an order off and give its stock back; money taken shows as due for refund."""
    order = work.require(OrderRow, command.order_id)
    DOC_STATES.check(order.doc_state, DocState.CANCELED)
    if order.fulfillment_status in {
        FulfillmentStatus.FULFILLED,
        FulfillmentStatus.PARTIALLY_FULFILLED,
    }:
        raise Rejected("order_shipped_already", number=order.order_number)
    if not command.reason.strip():
        raise Rejected("reason_missing", field="reason")
    goods = [
        line
        for line in work.find(OrderLineRow, ORDER_LINE.c.order_id == order.order_id)
        if line.kind is LineKind.GOODS
    ]
    for line in goods:
        if line.variant_id is not None and line.location_id is not None:
            reserve(work, line.variant_id, line.location_id, qty=-line.qty)
    canceled = enter_quantities(
        work,
        context,
        order_id=order.order_id,
        kind=LineEntryKind.CANCELED,
        qty_by_line={line.order_line_id: line.qty - line.canceled_qty for line in goods},
    )
    note = f"{canceled.note}\n{command.reason}".strip()
    work.put(replace(canceled, doc_state=DocState.CANCELED, note=note))
    context.emit(OrderCanceled(order_id=order.order_id))


def note_order(command: NoteOrder, work: UnitOfWork, context: Context) -> None:
    """Replace the staff's note."""
    del context
    order = work.require(OrderRow, command.order_id)
    work.put(replace(order, note=command.note))
