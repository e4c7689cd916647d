"""What a receipt says, its place in the chain, and what a Z report adds up."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.messages import canonical_json
from shared.pos.commands import ReceiptKind
from shared.pricing.engine import TaxGroup


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
