"""How priced carts become orders, and how the ledgers of an order move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from shared.catalog.tables import ProductRow, VariantRow
from shared.kernel.clock import business_day
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import EntryId, OrderId, OrderLineId, VariantId
from shared.kernel.quantity import unit_of
from shared.orders.commands import LineEntryKind, LineKind, PlacedLine
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
from shared.pricing.tables import TaxRateRow
from shared.storage.base import Row
from shared.storage.unit_of_work import UnitOfWork

R = TypeVar("R", bound=Row)
STANDARD_TAX = "standard"


class Rows(Protocol):
    """Rows by key: a unit of work where an order is written, a reader where it is only quoted."""

    def get(self, row_type: type[R], *key: str) -> R | None:
        """The row with that key, or None."""
        ...

    def require(self, row_type: type[R], *key: str) -> R:
        """The row with that key. Raises Rejected when there is none."""
        ...


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
    store = work.only(StoreRow)
    if store is None:
        raise Rejected("store_missing")
    return store


def goods_spec(rows: Rows, line: PlacedLine) -> LineSpec:
    """What is sold, at the catalog's price and the tax rate in force.

    Raises Rejected: quantity_not_positive, variant_not_found, tax_rate_not_found.
    """
    if line.qty <= 0:
        raise Rejected("quantity_not_positive", field="qty")
    variant = rows.require(VariantRow, line.variant_id)
    product = rows.require(ProductRow, variant.product_id)
    rate = rows.get(TaxRateRow, variant.tax_code)
    if rate is None:
        raise Rejected("tax_rate_not_found", id=variant.tax_code)
    return LineSpec(
        order_line_id=line.order_line_id,
        kind=LineKind.GOODS,
        variant_id=variant.variant_id,
        sku=variant.sku,
        title=f"{product.title} – {variant.title}" if variant.title else product.title,
        qty=line.qty,
        qty_exponent=unit_of(variant.unit_code).exponent,
        unit_price_amount=variant.price_amount,
        list_price_amount=variant.price_amount,
        tax_code=rate.code,
        tax_rate_ppm=rate.rate_ppm,
        discounts=line.discounts,
    )


def shipping_spec(rows: Rows, line_id: OrderLineId, *, title: str, amount: int) -> LineSpec:
    """The shipping charge as a line, at the standard tax rate."""
    rate = rows.get(TaxRateRow, STANDARD_TAX)
    return LineSpec(
        order_line_id=line_id,
        kind=LineKind.SHIPPING,
        variant_id=None,
        sku=None,
        title=title,
        qty=1,
        qty_exponent=0,
        unit_price_amount=amount,
        list_price_amount=amount,
        tax_code=None if rate is None else rate.code,
        tax_rate_ppm=0 if rate is None else rate.rate_ppm,
        discounts=(),
    )


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
    lines: Sequence[OrderLineRow] | None = None,
) -> OrderRow:
    """Enter a movement of some lines' quantities and bring the order's status with it.

    Whoever has just written the order hands in all its `lines`; else they are looked up.
    """
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
    if lines is None:
        moved = work.find(OrderLineRow, ORDER_LINE.c.order_id == order_id)
    else:
        moved = [work.require(OrderLineRow, line.order_line_id) for line in lines]
    moved_order = replace(
        order,
        fulfillment_status=fulfillment_status(
            (line.qty, line.shipped_qty, line.canceled_qty)
            for line in moved
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
