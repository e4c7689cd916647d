"""Receipts into the chain of their till, and who may do what there."""

from dataclasses import dataclass, replace

from shared.catalog.tables import VariantRow
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderId, ReceiptId, ShiftId, UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.orders.tables import OrderLineRow, OrderRow
from shared.organization.tables import RegisterRow, StoreRow, UserRow
from shared.pos.commands import (
    RECEIPT_SERIES,
    CompleteSale,
    ReceiptKind,
    RefundSale,
    SaleLine,
    Tender,
)
from shared.pos.model import (
    PrintedLine,
    PrintedTender,
    ReceiptDocument,
    chain_hash,
    merged_groups,
    receipt_number,
)
from shared.pos.tables import ReceiptRow, ShiftRow, ShiftState
from shared.pricing.engine import PricedCart, RefundPart, TaxGroup
from shared.storage.unit_of_work import UnitOfWork


def own_register(work: UnitOfWork, context: Context) -> RegisterRow:
    """The till that this device is. Raises Rejected("device_is_no_till")."""
    if context.station.register_id is None:
        raise Rejected("device_is_no_till")
    return work.require(RegisterRow, context.station.register_id)


def open_shift_of(
    work: UnitOfWork, context: Context, *, shift_id: ShiftId, register: RegisterRow
) -> ShiftRow:
    """The shift that a till's command names; it should be open and of this till.

    A machine that was paired anew for another till brings what it had not sent from the one before.
    """
    shift = work.require(ShiftRow, shift_id)
    context.expect(
        holds=shift.register_id == register.register_id,
        otherwise=Rejected("shift_of_another_till", shift_id=shift_id),
    )
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


def permissions_of(work: UnitOfWork, user_id: UserId | None) -> frozenset[Permission]:
    """What a member of the staff may do by the role held now; nothing for nobody."""
    user = None if user_id is None else work.get(UserRow, user_id)
    return ROLE_PERMISSIONS[user.role] if user is not None and user.is_active else frozenset()


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
    receipt_no = _next_number(register, context)
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
    work.put(_with_receipt(register, receipt))
    return receipt


def _next_number(register: RegisterRow, context: Context) -> int:
    """The number that the device gave; one that does not follow is noted for a person."""
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
    return receipt_no


def _with_receipt(register: RegisterRow, receipt: ReceiptRow) -> RegisterRow:
    """The till with a receipt at the head of its chain."""
    is_sale = receipt.kind is ReceiptKind.SALE
    signed = receipt.total_amount if is_sale else -receipt.total_amount
    return replace(
        register,
        last_receipt_no=max(receipt.receipt_no, register.last_receipt_no),
        last_receipt_hash=receipt.own_hash,
        grand_total_amount=register.grand_total_amount + signed,
    )


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


def sale_parts(
    command: CompleteSale, priced: PricedCart, *, lines: tuple[OrderLineRow, ...]
) -> ReceiptParts:
    """What the receipt of a sale says."""
    by_id = {line.line_id: line for line in priced.lines}
    return ReceiptParts(
        receipt_id=command.receipt_id,
        kind=ReceiptKind.SALE,
        cashier_name="",
        lines=tuple(
            PrintedLine(
                title=line.title,
                sku=line.sku,
                qty=line.qty,
                qty_exponent=line.qty_exponent,
                unit_price_amount=line.unit_price_amount,
                discount_amount=line.line_discount_amount,
                amount=by_id[line.order_line_id].base_amount - line.line_discount_amount,
                tax_code=line.tax_code,
            )
            for line in lines
        ),
        order_discount_amount=sum(line.order_discount_amount for line in lines),
        net_amount=priced.net_amount,
        tax_amount=priced.tax_amount,
        total_amount=priced.total_amount,
        cash_rounding_amount=command.cash_rounding_amount,
        tax_groups=priced.tax_groups,
        tenders=tuple(printed_tender(tender) for tender in command.tenders),
    )


def printed_tender(tender: Tender) -> PrintedTender:
    """A payment as a receipt shows it."""
    given = tender.given_amount or tender.amount
    return PrintedTender(
        kind=tender.kind,
        amount=tender.amount,
        given_amount=given,
        change_amount=given - tender.amount,
        reference=tender.reference,
    )


def taken_back(sold: OrderLineRow, qty: int, part: RefundPart) -> tuple[PrintedLine, TaxGroup]:
    """Units that came back as a receipt shows them, and the tax in them."""
    printed = PrintedLine(
        title=sold.title,
        sku=sold.sku,
        qty=qty,
        qty_exponent=sold.qty_exponent,
        unit_price_amount=sold.unit_price_amount,
        discount_amount=0,
        amount=part.gross_amount,
        tax_code=sold.tax_code,
    )
    group = TaxGroup(
        code=sold.tax_code or "",
        rate_ppm=sold.tax_rate_ppm,
        jurisdiction="",
        net_amount=part.net_amount,
        tax_amount=part.tax_amount,
        gross_amount=part.gross_amount,
    )
    return printed, group


def refund_parts(
    command: RefundSale,
    order: OrderRow,
    *,
    lines: tuple[PrintedLine, ...],
    groups: list[TaxGroup],
) -> ReceiptParts:
    """What the receipt of a refund says."""
    return ReceiptParts(
        receipt_id=command.receipt_id,
        kind=ReceiptKind.REFUND,
        cashier_name="",
        lines=lines,
        order_discount_amount=0,
        net_amount=sum(group.net_amount for group in groups),
        tax_amount=sum(group.tax_amount for group in groups),
        total_amount=sum(group.gross_amount for group in groups),
        cash_rounding_amount=0,
        tax_groups=merged_groups(groups),
        tenders=(
            printed_tender(
                Tender(
                    kind=command.tender, amount=command.refund_amount, reference=command.reference
                )
            ),
        ),
        refunds_number=order.order_number,
    )


def known_line(line: SaleLine, work: UnitOfWork, context: Context) -> SaleLine:
    """The line, or an open one for a variant that is not known here.

    After the server was put back from a copy, a till may be heard before the office that made the
    product. The money was taken all the same.
    """
    if line.variant_id is None or work.get(VariantRow, line.variant_id) is not None:
        return line
    context.expect(
        holds=False,
        otherwise=Rejected("sold_unknown", title=line.title),
    )
    return replace(line, variant_id=None)
