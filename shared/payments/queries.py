"""Read models of payments."""

from shared.payments.tables import PAYMENT_ENTRY, PaymentEntryRow
from shared.storage.reader import Reader


def payments_of(reader: Reader, order_id: str) -> tuple[PaymentEntryRow, ...]:
    """The payment ledger of an order, oldest first."""
    return tuple(
        reader.find(
            PaymentEntryRow,
            PAYMENT_ENTRY.c.order_id == order_id,
            order_by=(PAYMENT_ENTRY.c.entered_at, PAYMENT_ENTRY.c.payment_entry_id),
        )
    )
