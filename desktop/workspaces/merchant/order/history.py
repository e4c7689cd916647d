"""What happened to an order, told from its ledgers, the latest first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from desktop.ui import i18n
from desktop.ui.tokens import Tone
from desktop.workspaces.merchant.order.rows import Event
from desktop.workspaces.merchant.words import CHANNEL_BADGES, TENDER_KEYS
from shared.fulfillment.tables import FulfillmentRow
from shared.orders.commands import LineEntryKind
from shared.orders.queries import OrderDetail
from shared.orders.tables import LineEntryRow
from shared.payments.commands import PaymentKind
from shared.payments.tables import PaymentEntryRow
from shared.pos.commands import ReceiptKind
from shared.pos.tables import ReceiptRow

UserName = Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class OrderLedgers:
    """An order with everything that moved for it."""

    detail: OrderDetail
    payments: tuple[PaymentEntryRow, ...]
    deliveries: tuple[FulfillmentRow, ...]
    receipts: tuple[ReceiptRow, ...]


def history(ledgers: OrderLedgers, user_name: UserName) -> list[Event]:
    """All events, the latest first."""
    events = [
        _placed(ledgers.detail, user_name),
        *_payments(ledgers.payments, user_name),
        *_deliveries(ledgers.deliveries, user_name),
        *_quantities(ledgers.detail, user_name),
        *_receipts(ledgers.receipts),
    ]
    return sorted(events, key=_at, reverse=True)


def _at(event: Event) -> str:
    return event.at.isoformat()


def _words(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _placed(detail: OrderDetail, user_name: UserName) -> Event:
    order = detail.order
    badge = CHANNEL_BADGES[order.channel]
    text = _words(i18n.tr(badge.text_key), user_name(order.user_id))
    return Event(order.placed_at, i18n.tr("merchant.event.placed"), text, badge.icon)


def _payments(entries: Sequence[PaymentEntryRow], user_name: UserName) -> Iterator[Event]:
    for entry in entries:
        amount = i18n.format_money(entry.amount, entry.currency)
        tender = i18n.tr(TENDER_KEYS[entry.tender])
        text = _words(tender, entry.reference, entry.reason, user_name(entry.user_id))
        if entry.kind is PaymentKind.REFUND:
            title = i18n.tr("merchant.event.refunded", amount=amount)
            yield Event(entry.entered_at, title, text, "undo-2", Tone.WARN)
        else:
            title = i18n.tr("merchant.event.paid", amount=amount)
            yield Event(entry.entered_at, title, text, "banknote", Tone.OK)


def _deliveries(rows: Sequence[FulfillmentRow], user_name: UserName) -> Iterator[Event]:
    for row in rows:
        if row.picked_at is not None:
            key = "merchant.event.picked_short" if row.is_short else "merchant.event.picked"
            tone = Tone.WARN if row.is_short else Tone.NEUTRAL
            text = user_name(row.picker_id)
            yield Event(row.picked_at, i18n.tr(key), text, "package-open", tone)
        if row.packed_at is not None:
            yield Event(row.packed_at, i18n.tr("merchant.event.packed"), "", "package-check")
        if row.shipped_at is not None:
            text = _words(row.carrier, row.tracking_number)
            title = i18n.tr("merchant.event.shipped")
            yield Event(row.shipped_at, title, text, "truck", Tone.ACCENT)


_QUANTITY_KEYS = {
    LineEntryKind.CANCELED: ("merchant.event.canceled", "ban", Tone.DANGER),
    LineEntryKind.RETURNED: ("merchant.event.returned", "undo-2", Tone.WARN),
}


def _quantities(detail: OrderDetail, user_name: UserName) -> Iterator[Event]:
    """Units that were canceled or came back; what was shipped, the deliveries tell."""
    titles = {line.order_line_id: (line.title, line.qty_exponent) for line in detail.lines}
    for (at, kind), group in groupby(detail.entries, key=_moment):
        if kind not in _QUANTITY_KEYS:
            continue
        entries = list(group)
        key, icon, tone = _QUANTITY_KEYS[kind]
        named = [_named(entry, titles.get(entry.order_line_id, ("", 0))) for entry in entries]
        text = _words(", ".join(named), user_name(entries[0].user_id))
        yield Event(at, i18n.tr(key), text, icon, tone)


def _moment(entry: LineEntryRow) -> tuple[datetime, LineEntryKind]:
    return entry.entered_at, entry.kind


def _named(entry: LineEntryRow, line: tuple[str, int]) -> str:
    title, digits = line
    return f"{i18n.format_qty(entry.qty, digits)} × {title}"


def _receipts(rows: Sequence[ReceiptRow]) -> Iterator[Event]:
    for row in rows:
        is_refund = row.kind is ReceiptKind.REFUND
        key = "merchant.event.refund_receipt" if is_refund else "merchant.event.receipt"
        yield Event(row.issued_at, i18n.tr(key, number=row.number), "", "receipt")
