"""Receipts into the chain of their till, and the figures of a shift."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderId, ReceiptId, ShiftId
from shared.orders.tables import ORDER, OrderRow
from shared.organization.tables import RegisterRow, StoreRow, UserRow
from shared.payments.commands import PaymentKind, TenderKind
from shared.payments.tables import PAYMENT_ENTRY, PaymentEntryRow
from shared.pos.commands import RECEIPT_SERIES, CashMovementKind, ReceiptKind
from shared.pos.model import (
    PrintedLine,
    PrintedTender,
    ReceiptDocument,
    TenderTotal,
    ZReport,
    chain_hash,
    receipt_number,
)
from shared.pos.tables import (
    CASH_MOVEMENT,
    RECEIPT,
    CashMovementRow,
    ReceiptRow,
    ShiftRow,
    ShiftState,
)
from shared.pricing.engine import TaxGroup
from shared.storage.unit_of_work import UnitOfWork


def own_register(work: UnitOfWork, context: Context) -> RegisterRow:
    """The till that this device is. Raises Rejected("device_is_no_till")."""
    if context.station.register_id is None:
        raise Rejected("device_is_no_till")
    return work.require(RegisterRow, context.station.register_id)


def open_shift_of(
    work: UnitOfWork, context: Context, *, shift_id: ShiftId, register: RegisterRow
) -> ShiftRow:
    """The shift that a till's command names; it should be open and of this till."""
    shift = work.require(ShiftRow, shift_id)
    if shift.register_id != register.register_id:
        raise Rejected("shift_of_another_till", shift_id=shift_id)
    context.expect(
        holds=shift.state is ShiftState.OPEN,
        otherwise=Rejected("shift_closed", shift_id=shift_id),
    )
    return shift


def cashier_name(work: UnitOfWork, context: Context) -> str:
    """The name that stands on a receipt; empty for a program."""
    if context.actor.user_id is None:
        return ""
    cashier = work.get(UserRow, context.actor.user_id)
    return "" if cashier is None else cashier.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptParts:
    """What a receipt says besides its number and its place."""

    receipt_id: ReceiptId
    kind: ReceiptKind
    cashier_name: str
    lines: tuple[PrintedLine, ...]
    order_discount_amount: int
    net_amount: int
    tax_amount: int
    total_amount: int
    cash_rounding_amount: int
    tax_groups: tuple[TaxGroup, ...]
    tenders: tuple[PrintedTender, ...]
    refunds_number: str = ""


def issue_receipt(
    work: UnitOfWork,
    context: Context,
    *,
    order_id: OrderId,
    shift: ShiftRow,
    store: StoreRow,
    parts: ReceiptParts,
) -> ReceiptRow:
    """Add the next receipt to the chain of this till.

    A number that does not follow the one before is noted, never changed: it is on paper.
    """
    register = own_register(work, context)
    receipt_no = context.number(RECEIPT_SERIES)
    if receipt_no != register.last_receipt_no + 1:
        context.note(
            Rejected(
                "receipt_number_gap",
                register=register.code,
                expected=register.last_receipt_no + 1,
                actual=receipt_no,
            )
        )
    document = _document(parts, store, register=register, context=context, receipt_no=receipt_no)
    own_hash = chain_hash(
        register.last_receipt_hash,
        register_id=register.register_id,
        receipt_no=receipt_no,
        document=document,
    )
    receipt = ReceiptRow(
        receipt_id=parts.receipt_id,
        register_id=register.register_id,
        location_id=shift.location_id,
        shift_id=shift.shift_id,
        order_id=order_id,
        kind=parts.kind,
        receipt_no=receipt_no,
        number=document.number,
        issued_at=context.business_at,
        total_amount=parts.total_amount,
        document=document,
        prev_hash=register.last_receipt_hash,
        own_hash=own_hash,
    )
    work.insert(receipt)
    signed = parts.total_amount if parts.kind is ReceiptKind.SALE else -parts.total_amount
    work.put(
        replace(
            register,
            last_receipt_no=max(receipt_no, register.last_receipt_no),
            last_receipt_hash=own_hash,
            grand_total_amount=register.grand_total_amount + signed,
        )
    )
    return receipt


def _document(
    parts: ReceiptParts,
    store: StoreRow,
    *,
    register: RegisterRow,
    context: Context,
    receipt_no: int,
) -> ReceiptDocument:
    return ReceiptDocument(
        kind=parts.kind,
        number=receipt_number(register.code, receipt_no),
        issued_at=context.business_at,
        store_name=store.name,
        header=store.receipt_header,
        footer=store.receipt_footer,
        register_name=register.name,
        cashier_name=parts.cashier_name,
        currency=store.currency,
        is_tax_inclusive=store.is_tax_inclusive,
        lines=parts.lines,
        order_discount_amount=parts.order_discount_amount,
        net_amount=parts.net_amount,
        tax_amount=parts.tax_amount,
        total_amount=parts.total_amount,
        cash_rounding_amount=parts.cash_rounding_amount,
        tax_groups=parts.tax_groups,
        tenders=parts.tenders,
        refunds_number=parts.refunds_number,
    )


def z_report(
    work: UnitOfWork,
    shift: ShiftRow,
    *,
    register: RegisterRow,
    z_no: int,
    counted_amount: int,
) -> ZReport:
    """Add up a shift from its receipts, payments and cash movements; minor units.

    The time of closing is the caller's.
    """
    receipts = work.find(
        ReceiptRow, RECEIPT.c.shift_id == shift.shift_id, order_by=(RECEIPT.c.receipt_no,)
    )
    payments = work.find(PaymentEntryRow, PAYMENT_ENTRY.c.shift_id == shift.shift_id)
    movements = work.find(CashMovementRow, CASH_MOVEMENT.c.shift_id == shift.shift_id)
    orders = work.find(OrderRow, ORDER.c.shift_id == shift.shift_id)
    sales = [row for row in receipts if row.kind is ReceiptKind.SALE]
    refunds = [row for row in receipts if row.kind is ReceiptKind.REFUND]
    tenders = tender_totals(payments)
    paid_in = _moved(movements, {CashMovementKind.PAID_IN})
    paid_out = _moved(movements, {CashMovementKind.PAID_OUT, CashMovementKind.DROP})
    expected = shift.opening_float_amount + cash_of(tenders) + paid_in - paid_out
    return ZReport(
        z_no=z_no,
        register_name=register.name,
        opened_at=shift.opened_at,
        closed_at=shift.opened_at,
        first_receipt_no=receipts[0].receipt_no if receipts else 0,
        last_receipt_no=receipts[-1].receipt_no if receipts else 0,
        sale_count=len(sales),
        refund_count=len(refunds),
        gross_amount=sum(row.total_amount for row in sales),
        refunded_amount=sum(row.total_amount for row in refunds),
        discount_amount=sum(order.discount_amount for order in orders),
        net_amount=_signed(receipts, "net_amount"),
        tax_amount=_signed(receipts, "tax_amount"),
        tax_groups=tax_totals(receipts),
        tenders=tenders,
        opening_float_amount=shift.opening_float_amount,
        paid_in_amount=paid_in,
        paid_out_amount=paid_out,
        no_sale_count=sum(row.kind is CashMovementKind.NO_SALE for row in movements),
        expected_amount=expected,
        counted_amount=counted_amount,
        difference_amount=counted_amount - expected,
        grand_total_amount=register.grand_total_amount,
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


def _moved(movements: Iterable[CashMovementRow], kinds: set[CashMovementKind]) -> int:
    return sum(row.amount for row in movements if row.kind in kinds)


def _signed(receipts: Iterable[ReceiptRow], field: str) -> int:
    return sum(
        getattr(row.document, field) * (1 if row.kind is ReceiptKind.SALE else -1)
        for row in receipts
    )
