"""How priced carts become orders, and how the ledgers of an order move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.kernel.clock import business_day
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import EntryId, OrderId, OrderLineId, VariantId
from shared.orders.commands import LineEntryKind, LineKind
from shared.orders.model import fulfillment_status, payment_status
from shared.orders.tables import ORDER_LINE, LineEntryRow, OrderLineRow, OrderRow
from shared.organization.tables import StoreRow
from shared.pricing.engine import (
    CartInput,
    LineDiscount,
    OrderDiscount,
    PricedCart,
    PricedLineInput,
    TaxRate,
)
from shared.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpec:
    """Everything about a line before it is priced; amounts per whole unit of measure."""

    order_line_id: OrderLineId
    kind: LineKind
    variant_id: VariantId | None
    sku: str | None
    title: str
    qty: int
    qty_exponent: int
    unit_price_amount: int
    list_price_amount: int
    tax_code: str | None
    tax_rate_ppm: int
    discounts: tuple[LineDiscount, ...]


def the_store(work: UnitOfWork) -> StoreRow:
    """The tenant's store. Raises Rejected("store_missing")."""
    found = work.find(StoreRow, limit=1)
    if not found:
        raise Rejected("store_missing")
    return found[0]


def cart_of(
    store: StoreRow, lines: Sequence[LineSpec], order_discounts: tuple[OrderDiscount, ...]
) -> CartInput:
    """The pricing engine's input for the lines of an order."""
    return CartInput(
        currency=store.currency,
        is_tax_inclusive=store.is_tax_inclusive,
        tax_rounding="line" if store.tax_rounding == "line" else "document",
        order_discounts=order_discounts,
        cash_rounding_increment=store.cash_rounding_amount or None,
        lines=tuple(
            PricedLineInput(
                line_id=line.order_line_id,
                qty=line.qty,
                qty_exponent=line.qty_exponent,
                unit_price_amount=line.unit_price_amount,
                kind="goods" if line.kind is LineKind.GOODS else "shipping",
                tax_rate=(
                    None if line.tax_code is None else TaxRate(line.tax_code, line.tax_rate_ppm)
                ),
                discounts=line.discounts,
            )
            for line in lines
        ),
    )


def write_order(
    work: UnitOfWork, order: OrderRow, *, specs: Sequence[LineSpec], priced: PricedCart
) -> tuple[OrderLineRow, ...]:
    """Insert an order with its lines as priced; the order's own totals are the caller's."""
    work.insert(order)
    by_id = {line.line_id: line for line in priced.lines}
    written = []
    for position, spec in enumerate(specs):
        line = by_id[spec.order_line_id]
        row = OrderLineRow(
            order_line_id=spec.order_line_id,
            order_id=order.order_id,
            location_id=order.location_id,
            position=position,
            kind=spec.kind,
            variant_id=spec.variant_id,
            sku=spec.sku,
            title=spec.title,
            qty=spec.qty,
            qty_exponent=spec.qty_exponent,
            unit_price_amount=spec.unit_price_amount,
            list_price_amount=spec.list_price_amount,
            discounts=spec.discounts,
            line_discount_amount=line.line_discount_amount,
            order_discount_amount=line.order_discount_amount,
            net_amount=line.net_amount,
            tax_amount=line.tax_amount,
            gross_amount=line.gross_amount,
            tax_code=spec.tax_code,
            tax_rate_ppm=spec.tax_rate_ppm,
            shipped_qty=0,
            canceled_qty=0,
            returned_qty=0,
            refunded_gross_amount=0,
            refunded_tax_amount=0,
        )
        work.insert(row)
        written.append(row)
    return tuple(written)


def _counted(line: OrderLineRow, kind: LineEntryKind, qty: int) -> OrderLineRow:
    if kind is LineEntryKind.SHIPPED:
        return replace(line, shipped_qty=line.shipped_qty + qty)
    if kind is LineEntryKind.CANCELED:
        return replace(line, canceled_qty=line.canceled_qty + qty)
    return replace(line, returned_qty=line.returned_qty + qty)


def enter_quantities(
    work: UnitOfWork,
    context: Context,
    *,
    order_id: OrderId,
    kind: LineEntryKind,
    qty_by_line: Mapping[OrderLineId, int],
) -> OrderRow:
    """Enter a movement of some lines' quantities and bring the order's status with it."""
    order = work.require(OrderRow, order_id)
    for line_id, qty in qty_by_line.items():
        line = work.require(OrderLineRow, line_id)
        work.insert(
            LineEntryRow(
                line_entry_id=EntryId(context.next_id()),
                order_id=order_id,
                order_line_id=line_id,
                location_id=line.location_id,
                kind=kind,
                qty=qty,
                user_id=context.actor.user_id,
                entered_at=context.business_at,
            )
        )
        work.put(_counted(line, kind, qty))
    lines = work.find(OrderLineRow, ORDER_LINE.c.order_id == order_id)
    moved_order = replace(
        order,
        fulfillment_status=fulfillment_status(
            (line.qty, line.shipped_qty, line.canceled_qty)
            for line in lines
            if line.kind is LineKind.GOODS
        ),
    )
    work.put(moved_order)
    return moved_order


def with_money(order: OrderRow, *, captured: int = 0, refunded: int = 0) -> OrderRow:
    """The order after further captures and refunds (minor units), with its status."""
    captured_amount = order.captured_amount + captured
    refunded_amount = order.refunded_amount + refunded
    return replace(
        order,
        captured_amount=captured_amount,
        refunded_amount=refunded_amount,
        payment_status=payment_status(
            due_amount=order.total_amount + order.cash_rounding_amount,
            captured_amount=captured_amount,
            refunded_amount=refunded_amount,
        ),
    )


def business_on(store: StoreRow, context: Context) -> date:
    """The store's business day of the running command."""
    return business_day(context.business_at, store.timezone, day_starts_hour=store.day_starts_hour)
