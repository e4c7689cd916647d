"""Read models of the till."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from shared.catalog.commands import ProductStatus
from shared.catalog.queries import SellableRow, search_variants
from shared.catalog.tables import PRODUCT, VARIANT
from shared.inventory.queries import available_at
from shared.kernel.messages import FIRST_HASH
from shared.orders.commands import Channel
from shared.orders.queries import OrderDetail, order_detail
from shared.orders.tables import ORDER, ORDER_LINE, OrderRow
from shared.organization.queries import register as register_named
from shared.organization.queries import the_store
from shared.organization.tables import RegisterRow, StoreRow
from shared.payments.commands import PaymentKind, TenderKind
from shared.payments.tables import PAYMENT_ENTRY, PaymentEntryRow
from shared.pos.commands import CashMovementKind, ReceiptKind
from shared.pos.model import TenderTotal, ZReport, chain_hash, merged_groups
from shared.pos.tables import (
    CASH_MOVEMENT,
    RECEIPT,
    SHIFT,
    CashMovementRow,
    ReceiptRow,
    ShiftRow,
    ShiftState,
)
from shared.pricing.engine import TaxGroup
from shared.pricing.queries import tax_rates
from shared.pricing.tables import TaxRateRow
from shared.storage.base import Row
from shared.storage.reader import Reader

R = TypeVar("R", bound=Row)


class Rows(Protocol):
    """Where rows are found: a reader, or the unit of work of a command."""

    def find(
        self,
        row_type: type[R],
        *conditions: sa.ColumnElement[bool],
        order_by: Sequence[sa.ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> list[R]:
        """The rows that meet all conditions."""
        ...


@dataclass(frozen=True, slots=True)
class TillState:
    """All that a till stands on: its store with the tax rates in use, and its open shift."""

    store: StoreRow
    register: RegisterRow
    shift: ShiftRow | None
    tax_rates: tuple[TaxRateRow, ...]


def till_state(reader: Reader, register_id: str) -> TillState:
    """How a till stands. Raises Rejected: store_missing, register_not_found."""
    return TillState(
        store=the_store(reader),
        register=register_named(reader, register_id),
        shift=open_shift_at(reader, register_id),
        tax_rates=tax_rates(reader),
    )


def best_sellers(
    reader: Reader, since_on: date, before_on: date, *, limit: int = 60
) -> tuple[str, ...]:
    """The ids of the variants for sale that tills have sold most often.

    Counted are the business days from `since_on` up to, but not with, `before_on`.
    """
    times = sa.func.count(ORDER_LINE.c.order_line_id)
    statement = (
        sa.select(ORDER_LINE.c.variant_id)
        .join(ORDER.table, ORDER.c.order_id == ORDER_LINE.c.order_id)
        .join(VARIANT.table, VARIANT.c.variant_id == ORDER_LINE.c.variant_id)
        .join(PRODUCT.table, PRODUCT.c.product_id == VARIANT.c.product_id)
        .where(
            ORDER.c.channel == Channel.TILL,
            ORDER.c.business_on >= since_on,
            ORDER.c.business_on < before_on,
            VARIANT.c.is_active.is_(True),
            PRODUCT.c.status == ProductStatus.ACTIVE,
        )
        .group_by(ORDER_LINE.c.variant_id)
        .order_by(times.desc(), ORDER_LINE.c.variant_id)
        .limit(limit)
    )
    return tuple(row[0] for row in reader.rows(statement))


def open_shift_at(reader: Reader, register_id: str) -> ShiftRow | None:
    """The shift that is open at a till, or None."""
    found = reader.find(
        ShiftRow,
        SHIFT.c.register_id == register_id,
        SHIFT.c.state == ShiftState.OPEN,
        order_by=(SHIFT.c.opened_at.desc(),),
        limit=1,
    )
    return found[0] if found else None


def recent_receipts(reader: Reader, register_id: str, *, limit: int = 50) -> tuple[ReceiptRow, ...]:
    """The latest receipts of a till, latest first."""
    return tuple(
        reader.find(
            ReceiptRow,
            RECEIPT.c.register_id == register_id,
            order_by=(RECEIPT.c.receipt_no.desc(),),
            limit=limit,
        )
    )


def receipt_of(reader: Reader, receipt_id: str) -> ReceiptRow | None:
    """One receipt, or None while it has not been issued."""
    return reader.get(ReceiptRow, receipt_id)


def issued_among(reader: Reader, receipt_ids: Sequence[str]) -> frozenset[str]:
    """Those of the given receipts that have been issued, wherever that was."""
    found = reader.find(ReceiptRow, RECEIPT.c.receipt_id.in_(receipt_ids))
    return frozenset(row.receipt_id for row in found)


@dataclass(frozen=True, slots=True)
class TillHit:
    """A variant that was searched for, with what is available here; None where nobody counts."""

    variant: SellableRow
    available_qty: int | None


def till_search(
    reader: Reader, text: str, location_id: str, *, limit: int = 50
) -> tuple[TillHit, ...]:
    """Variants by words, SKU or barcode, best first, with their stock at a location."""
    found = search_variants(reader, text, limit=limit)
    available = available_at(reader, location_id, [variant.variant_id for variant in found])
    return tuple(
        TillHit(variant, available.get(variant.variant_id, 0) if variant.is_stock_tracked else None)
        for variant in found
    )


@dataclass(frozen=True, slots=True)
class SaleByReceipt:
    """A receipt with the order behind it, ready for a refund."""

    receipt: ReceiptRow
    detail: OrderDetail


def sale_by_receipt(reader: Reader, number: str) -> SaleByReceipt | None:
    """The sale that a receipt number stands for, or None when this till does not hold it."""
    found = reader.find(ReceiptRow, RECEIPT.c.number == number.strip().upper(), limit=1)
    if not found:
        return None
    return SaleByReceipt(found[0], order_detail(reader, found[0].order_id))


def shifts(reader: Reader, *, limit: int = 100) -> tuple[ShiftRow, ...]:
    """Shifts of all tills, latest first."""
    return tuple(reader.find(ShiftRow, order_by=(SHIFT.c.opened_at.desc(),), limit=limit))


def shift_of(reader: Reader, shift_id: str) -> ShiftRow:
    """One shift. Raises Rejected("shift_not_found")."""
    return reader.require(ShiftRow, shift_id)


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """Where the receipts of a till stop following each other."""

    receipt_no: int
    issued_at: datetime
    reason: str


def check_chain(reader: Reader, register_id: str) -> ChainBreak | None:
    """The first place where the receipts of a till are altered, missing or out of order."""
    head, expected = FIRST_HASH, 1
    receipts = reader.find(
        ReceiptRow, RECEIPT.c.register_id == register_id, order_by=(RECEIPT.c.receipt_no,)
    )
    for receipt in receipts:
        if receipt.receipt_no != expected:
            return ChainBreak(receipt.receipt_no, receipt.issued_at, "gap")
        own = chain_hash(
            receipt.prev_hash,
            register_id=receipt.register_id,
            receipt_no=receipt.receipt_no,
            document=receipt.document,
        )
        if receipt.prev_hash != head:
            return ChainBreak(receipt.receipt_no, receipt.issued_at, "link")
        if own != receipt.own_hash:
            return ChainBreak(receipt.receipt_no, receipt.issued_at, "altered")
        head, expected = receipt.own_hash, expected + 1
    return None


def x_report(reader: Reader, shift_id: str) -> ZReport:
    """What a shift adds up to so far: a look, without number and without count."""
    shift = shift_of(reader, shift_id)
    register = register_named(reader, shift.register_id)
    return z_report(reader, shift, register=register, z_no=0, counted_amount=0)


def z_report(
    rows: Rows, shift: ShiftRow, *, register: RegisterRow, z_no: int, counted_amount: int
) -> ZReport:
    """Add up a shift from its ledgers, in minor units; the time of closing is the caller's."""
    receipts = rows.find(
        ReceiptRow, RECEIPT.c.shift_id == shift.shift_id, order_by=(RECEIPT.c.receipt_no,)
    )
    payments = rows.find(PaymentEntryRow, PAYMENT_ENTRY.c.shift_id == shift.shift_id)
    orders = rows.find(OrderRow, ORDER.c.shift_id == shift.shift_id)
    sales, refunds = (
        [row.total_amount for row in receipts if row.kind is kind]
        for kind in (ReceiptKind.SALE, ReceiptKind.REFUND)
    )
    tenders = tender_totals(payments)
    drawer = _drawer(rows, shift, tenders)
    return ZReport(
        z_no=z_no,
        register_name=register.name,
        opened_at=shift.opened_at,
        closed_at=shift.opened_at,
        first_receipt_no=receipts[0].receipt_no if receipts else 0,
        last_receipt_no=receipts[-1].receipt_no if receipts else 0,
        sale_count=len(sales),
        refund_count=len(refunds),
        gross_amount=sum(sales),
        refunded_amount=sum(refunds),
        discount_amount=sum(order.discount_amount for order in orders),
        net_amount=_signed(receipts, "net_amount"),
        tax_amount=_signed(receipts, "tax_amount"),
        tax_groups=tax_totals(receipts),
        tenders=tenders,
        opening_float_amount=shift.opening_float_amount,
        paid_in_amount=drawer.paid_in_amount,
        paid_out_amount=drawer.paid_out_amount,
        no_sale_count=drawer.no_sale_count,
        expected_amount=drawer.expected_amount,
        counted_amount=counted_amount,
        difference_amount=counted_amount - drawer.expected_amount,
        grand_total_amount=register.grand_total_amount,
    )


@dataclass(frozen=True, slots=True)
class _Drawer:
    """What went through a shift's drawer, and what should lie in it, in minor units."""

    paid_in_amount: int
    paid_out_amount: int
    no_sale_count: int
    expected_amount: int


def _drawer(rows: Rows, shift: ShiftRow, tenders: Sequence[TenderTotal]) -> _Drawer:
    movements = rows.find(CashMovementRow, CASH_MOVEMENT.c.shift_id == shift.shift_id)
    paid_in = _moved(movements, {CashMovementKind.PAID_IN})
    paid_out = _moved(movements, {CashMovementKind.PAID_OUT, CashMovementKind.DROP})
    return _Drawer(
        paid_in_amount=paid_in,
        paid_out_amount=paid_out,
        no_sale_count=sum(row.kind is CashMovementKind.NO_SALE for row in movements),
        expected_amount=shift.opening_float_amount + cash_of(tenders) + paid_in - paid_out,
    )


def tender_totals(payments: Iterable[PaymentEntryRow]) -> tuple[TenderTotal, ...]:
    """What each means of payment brought in and gave back, by name."""
    captured: dict[str, int] = {}
    refunded: dict[str, int] = {}
    for payment in payments:
        side = captured if payment.kind is PaymentKind.CAPTURE else refunded
        side[payment.tender] = side.get(payment.tender, 0) + payment.amount
    return tuple(
        TenderTotal(
            tender=tender,
            captured_amount=captured.get(tender, 0),
            refunded_amount=refunded.get(tender, 0),
        )
        for tender in sorted(captured.keys() | refunded.keys())
    )


def cash_of(tenders: Sequence[TenderTotal]) -> int:
    """Cash that sales left in the drawer."""
    return sum(
        total.captured_amount - total.refunded_amount
        for total in tenders
        if total.tender == TenderKind.CASH
    )


def tax_totals(receipts: Iterable[ReceiptRow]) -> tuple[TaxGroup, ...]:
    """Net, tax and gross by rate over receipts, refunds counting against sales."""
    signed = []
    for receipt in receipts:
        sign = 1 if receipt.kind is ReceiptKind.SALE else -1
        signed += [
            replace(
                group,
                net_amount=sign * group.net_amount,
                tax_amount=sign * group.tax_amount,
                gross_amount=sign * group.gross_amount,
            )
            for group in receipt.document.tax_groups
        ]
    return merged_groups(signed)


def _moved(movements: Iterable[CashMovementRow], kinds: set[CashMovementKind]) -> int:
    return sum(row.amount for row in movements if row.kind in kinds)


def _signed(receipts: Iterable[ReceiptRow], field: str) -> int:
    return sum(
        getattr(row.document, field) * (1 if row.kind is ReceiptKind.SALE else -1)
        for row in receipts
    )


def receipts_of(reader: Reader, order_id: str) -> tuple[ReceiptRow, ...]:
    """The receipts of an order, oldest first."""
    return tuple(
        reader.find(
            ReceiptRow,
            RECEIPT.c.order_id == order_id,
            order_by=(RECEIPT.c.issued_at, RECEIPT.c.receipt_id),
        )
    )
