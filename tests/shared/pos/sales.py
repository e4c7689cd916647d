"""Sales and refunds as a till sends them, and what is known of them afterwards."""

from dataclasses import replace

from shared.inventory.tables import StockLevelRow
from shared.kernel.ids import OrderId, ReceiptId, ShiftId, VariantId, new_id
from shared.orders.queries import OrderDetail, order_detail
from shared.payments.commands import TenderKind
from shared.pos.commands import (
    CompleteSale,
    RefundLine,
    RefundSale,
    SaleLine,
    Tender,
)
from shared.storage.reader import Reader
from tests.support.shop import Shop


def sale(shift_id: ShiftId, *lines: SaleLine, **changes: object) -> CompleteSale:
    """A sale paid exactly in cash, unless told otherwise."""
    total = sum(line.qty * line.unit_price_amount for line in lines)
    made = CompleteSale(
        order_id=OrderId(new_id()),
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=lines,
        tenders=(Tender(kind=TenderKind.CASH, amount=total),),
        total_amount=total,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # any field of the sale


def detail(shop: Shop, order_id: str) -> OrderDetail:
    """An order with its lines."""
    return shop.fetch(order_detail, order_id)


def on_hand(shop: Shop, variant_id: VariantId) -> int:
    """What is on the shelf of the shop's location."""
    level = Reader(shop.connection).get(StockLevelRow, variant_id, shop.location_id)
    return 0 if level is None else level.on_hand_qty


def refund(
    command: CompleteSale, line: SaleLine, shift_id: ShiftId, *, amount: int, qty: int = 1
) -> RefundSale:
    """A refund in cash of some units of a line."""
    return RefundSale(
        order_id=command.order_id,
        receipt_id=ReceiptId(new_id()),
        shift_id=shift_id,
        lines=(RefundLine(order_line_id=line.order_line_id, qty=qty),),
        tender=TenderKind.CASH,
        refund_amount=amount,
        reason="did not fit",
    )
