"""The words and colours for the states of things, the same on every screen of the back office."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from desktop.ui import i18n
from desktop.ui.columns import Badge
from desktop.ui.fields import Choice
from desktop.ui.tokens import Tone
from shared.catalog.commands import ProductStatus
from shared.fulfillment.commands import FulfillmentState
from shared.imports.tables import ImportState
from shared.inventory.commands import StockReason
from shared.orders.commands import Channel, DocState, FulfillmentStatus, PaymentStatus
from shared.payments.commands import TenderKind

PRODUCT_BADGES: Mapping[str, Badge] = {
    ProductStatus.ACTIVE: Badge("merchant.product.status.active", Tone.OK, "circle-check"),
    ProductStatus.DRAFT: Badge("merchant.product.status.draft", Tone.NEUTRAL, "pencil"),
    ProductStatus.ARCHIVED: Badge("merchant.product.status.archived", Tone.NEUTRAL, "archive"),
}
CHANNEL_BADGES: Mapping[str, Badge] = {
    Channel.TILL: Badge("merchant.channel.till", Tone.NEUTRAL, "store"),
    Channel.WEB: Badge("merchant.channel.web", Tone.NEUTRAL, "shopping-cart"),
    Channel.OFFICE: Badge("merchant.channel.office", Tone.NEUTRAL, "pencil"),
    Channel.IMPORT: Badge("merchant.channel.import", Tone.NEUTRAL, "import"),
}
PAYMENT_BADGES: Mapping[str, Badge] = {
    PaymentStatus.NONE: Badge("merchant.payment.none", Tone.WARN, "clock"),
    PaymentStatus.PARTIALLY_PAID: Badge("merchant.payment.partially_paid", Tone.WARN, "coins"),
    PaymentStatus.PAID: Badge("merchant.payment.paid", Tone.OK, "circle-check"),
    PaymentStatus.OVERPAID: Badge("merchant.payment.overpaid", Tone.DANGER, "circle-alert"),
    PaymentStatus.PARTIALLY_REFUNDED: Badge(
        "merchant.payment.partially_refunded", Tone.NEUTRAL, "undo-2"
    ),
    PaymentStatus.REFUNDED: Badge("merchant.payment.refunded", Tone.NEUTRAL, "undo-2"),
}
FULFILLMENT_BADGES: Mapping[str, Badge] = {
    FulfillmentStatus.NOT_REQUIRED: Badge("merchant.delivery.not_required", Tone.NEUTRAL, "minus"),
    FulfillmentStatus.UNFULFILLED: Badge("merchant.delivery.unfulfilled", Tone.ACCENT, "package"),
    FulfillmentStatus.PARTIALLY_FULFILLED: Badge(
        "merchant.delivery.partially_fulfilled", Tone.WARN, "package-open"
    ),
    FulfillmentStatus.FULFILLED: Badge("merchant.delivery.fulfilled", Tone.OK, "package-check"),
    FulfillmentStatus.CANCELED: Badge("merchant.delivery.canceled", Tone.NEUTRAL, "ban"),
}
DOC_BADGES: Mapping[str, Badge] = {
    DocState.DRAFT: Badge("merchant.order.state.draft", Tone.NEUTRAL, "pencil"),
    DocState.PLACED: Badge("merchant.order.state.placed", Tone.ACCENT, "circle-dot"),
    DocState.CLOSED: Badge("merchant.order.state.closed", Tone.NEUTRAL, "check"),
    DocState.CANCELED: Badge("merchant.order.state.canceled", Tone.DANGER, "ban"),
}
DELIVERY_STATES: Mapping[str, Badge] = {
    FulfillmentState.OPEN: Badge("merchant.delivery.state.open", Tone.ACCENT, "package"),
    FulfillmentState.PICKING: Badge("merchant.delivery.state.picking", Tone.WARN, "scan-barcode"),
    FulfillmentState.PICKED: Badge("merchant.delivery.state.picked", Tone.WARN, "package-open"),
    FulfillmentState.PACKED: Badge("merchant.delivery.state.packed", Tone.WARN, "package-check"),
    FulfillmentState.SHIPPED: Badge("merchant.delivery.state.shipped", Tone.OK, "truck"),
    FulfillmentState.CANCELED: Badge("merchant.delivery.state.canceled", Tone.NEUTRAL, "ban"),
}
IMPORT_BADGES: Mapping[str, Badge] = {
    ImportState.RUNNING: Badge("merchant.import.state.running", Tone.WARN, "loader-circle"),
    ImportState.FINISHED: Badge("merchant.import.state.finished", Tone.OK, "circle-check"),
    ImportState.UNDONE: Badge("merchant.import.state.undone", Tone.NEUTRAL, "undo-2"),
}
REASON_BADGES: Mapping[str, Badge] = {
    StockReason.RECEIVED: Badge("merchant.stock.reason.received", Tone.OK, "package-plus"),
    StockReason.ADJUSTED: Badge("merchant.stock.reason.adjusted", Tone.NEUTRAL, "pencil"),
    StockReason.DAMAGED: Badge("merchant.stock.reason.damaged", Tone.DANGER, "package-x"),
    StockReason.COUNTED: Badge("merchant.stock.reason.counted", Tone.ACCENT, "clipboard-check"),
    StockReason.SOLD: Badge("merchant.stock.reason.sold", Tone.NEUTRAL, "store"),
    StockReason.SHIPPED: Badge("merchant.stock.reason.shipped", Tone.NEUTRAL, "truck"),
    StockReason.RETURNED: Badge("merchant.stock.reason.returned", Tone.WARN, "undo-2"),
    StockReason.IMPORTED: Badge("merchant.stock.reason.imported", Tone.NEUTRAL, "import"),
    StockReason.IMPORT_UNDONE: Badge(
        "merchant.stock.reason.import_undone", Tone.NEUTRAL, "rotate-ccw"
    ),
}
TENDER_KEYS: Mapping[TenderKind, str] = {
    TenderKind.CASH: "merchant.tender.cash",
    TenderKind.CARD_EXTERNAL: "merchant.tender.card_external",
    TenderKind.BANK: "merchant.tender.bank",
}


def moment(at: datetime, now: datetime) -> str:
    """A time as short as it can be told: the hour today, the day before that."""
    day = i18n.format_date(at)
    return i18n.format_time(at) if day == i18n.format_date(now) else day


def choices(badges: Mapping[str, Badge], values: Sequence[StrEnum] = ()) -> list[Choice]:
    """What a field offers for states; all of them, or those given in their order."""
    wanted = [value.value for value in values] or [str(value) for value in badges]
    return [Choice(value, i18n.tr(badges[value].text_key)) for value in wanted]


def tenders() -> list[Choice]:
    """The ways money changes hands in the back office, the usual one first."""
    order = (TenderKind.BANK, TenderKind.CARD_EXTERNAL, TenderKind.CASH)
    return [Choice(kind.value, i18n.tr(TENDER_KEYS[kind])) for kind in order]
