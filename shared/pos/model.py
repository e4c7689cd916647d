"""What a till charges and gives back, what a receipt says, and what a Z report adds up."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.messages import canonical_json
from shared.kernel.money import cash_round
from shared.orders.commands import LineKind
from shared.orders.repository import LineSpec, cart_of
from shared.orders.tables import OrderLineRow, OrderRow
from shared.organization.tables import StoreRow
from shared.pos.commands import ReceiptKind, SaleLine
from shared.pricing.engine import (
    CartInput,
    OrderDiscount,
    RefundPart,
    TaxGroup,
    refund_amounts,
)


def line_spec(line: SaleLine) -> LineSpec:
    """A line of a sale as orders know it."""
    return LineSpec(
        order_line_id=line.order_line_id,
        kind=LineKind.GOODS,
        variant_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        qty=line.qty,
        qty_exponent=line.qty_exponent,
        unit_price_amount=line.unit_price_amount,
        list_price_amount=line.list_price_amount,
        tax_code=line.tax_code,
        tax_rate_ppm=line.tax_rate_ppm,
        discounts=line.discounts,
    )


def sale_cart(
    store: StoreRow, lines: Sequence[SaleLine], order_discounts: tuple[OrderDiscount, ...]
) -> CartInput:
    """What the pricing engine is given for a sale: at the till and wherever it is checked."""
    return cart_of(store, [line_spec(line) for line in lines], order_discounts)


def cash_rounding(store: StoreRow, in_cash_amount: int) -> int:
    """What rounding to coins adds to the part of a total that is paid in cash; minor units."""
    if not store.cash_rounding_amount:
        return 0
    return cash_round(in_cash_amount, store.cash_rounding_amount) - in_cash_amount


def refund_rounding(
    store: StoreRow,
    order: OrderRow,
    lines: Iterable[OrderLineRow],
    *,
    refund_amount: int,
    is_cash: bool,
) -> int:
    """What rounding to coins adds to a refund of `refund_amount`; all in minor units.

    `order` and `lines` are as they were before it. Cash is rounded over all that has come back so
    far, so that many small refunds give back what one would. Where the sale itself was rounded
    down, or was not paid in cash, the last coin is cut to what was taken.
    """
    coin = store.cash_rounding_amount
    if not coin:
        return 0
    rounding = 0
    if is_cash:
        before = sum(line.refunded_gross_amount for line in lines)
        rounding = cash_rounding(store, before + refund_amount) - cash_rounding(store, before)
    left = order.captured_amount - order.refunded_amount
    excess = refund_amount + rounding - left
    if 0 < excess < coin:
        most = left - left % coin if is_cash else left
        return most - refund_amount
    return rounding


def refund_part(sold: OrderLineRow, qty: int) -> RefundPart:
    """What giving back `qty` more units of a sold line refunds.

    Raises Rejected: refund_qty_exceeds_sold, refund_exceeds_paid.
    """
    return refund_amounts(
        sold,
        already_refunded_qty=sold.returned_qty,
        already_refunded_gross_amount=sold.refunded_gross_amount,
        already_refunded_tax_amount=sold.refunded_tax_amount,
        qty=qty,
    )


def merged_groups(groups: Iterable[TaxGroup]) -> tuple[TaxGroup, ...]:
    """Groups of one rate added up, by code and rate."""
    sums: dict[tuple[str, int, str], TaxGroup] = {}
    for group in groups:
        place = (group.code, group.rate_ppm, group.jurisdiction)
        known = sums.get(place)
        sums[place] = (
            group
            if known is None
            else replace(
                known,
                net_amount=known.net_amount + group.net_amount,
                tax_amount=known.tax_amount + group.tax_amount,
                gross_amount=known.gross_amount + group.gross_amount,
            )
        )
    return tuple(sums[place] for place in sorted(sums))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLine:
    """One line of a receipt; amounts in minor units, signed as printed."""

    title: str
    sku: str | None
    qty: int
    qty_exponent: int
    unit_price_amount: int
    discount_amount: int
    amount: int
    tax_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTender:
    """One payment of a receipt; `change_amount` went back to the customer."""

    kind: str
    amount: int
    given_amount: int
    change_amount: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument:
    """Everything that stands on a receipt, so that a copy is the same to the letter."""

    kind: ReceiptKind
    number: str
    issued_at: datetime
    store_name: str
    header: tuple[str, ...]
    footer: tuple[str, ...]
    register_name: str
    cashier_name: str
    currency: str
    is_tax_inclusive: bool
    lines: tuple[PrintedLine, ...]
    order_discount_amount: int
    net_amount: int
    tax_amount: int
    total_amount: int
    cash_rounding_amount: int
    tax_groups: tuple[TaxGroup, ...]
    tenders: tuple[PrintedTender, ...]
    refunds_number: str


def receipt_number(register_code: str, receipt_no: int) -> str:
    """The number on the receipt: the till's code and its own gap-free count."""
    return f"{register_code}-{receipt_no:06d}"


def chain_hash(
    prev_hash: str, *, register_id: str, receipt_no: int, document: ReceiptDocument
) -> str:
    """SHA-256 over the receipt before and this one; any later change breaks the chain."""
    content = canonical_json([prev_hash, register_id, receipt_no, document])
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderTotal:
    """What came in and went out by one means."""

    tender: str
    captured_amount: int
    refunded_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZReport:
    """The closing of a shift; amounts in minor units.

    `expected_amount` is the float plus cash in less cash out; `difference_amount` is what was
    counted less that.
    """

    z_no: int
    register_name: str
    opened_at: datetime
    closed_at: datetime
    first_receipt_no: int
    last_receipt_no: int
    sale_count: int
    refund_count: int
    gross_amount: int
    refunded_amount: int
    discount_amount: int
    net_amount: int
    tax_amount: int
    tax_groups: tuple[TaxGroup, ...]
    tenders: tuple[TenderTotal, ...]
    opening_float_amount: int
    paid_in_amount: int
    paid_out_amount: int
    no_sale_count: int
    expected_amount: int
    counted_amount: int
    difference_amount: int
    grand_total_amount: int
