"""Read models of the till."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.messages import FIRST_HASH
from shared.orders.queries import OrderDetail, order_detail
from shared.pos.model import chain_hash
from shared.pos.tables import RECEIPT, SHIFT, ReceiptRow, ShiftRow, ShiftState
from shared.storage.reader import Reader


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
