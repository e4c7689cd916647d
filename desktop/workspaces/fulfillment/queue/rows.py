"""Rows of the queue and how they are shown."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import QueueRow


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One parcel of the queue; `progress` counts units picked or packed of all."""

    id: str
    order_number: str
    customer_name: str
    state: str
    created_at: datetime
    progress: str


def parcel_row(row: QueueRow) -> ParcelRow:
    """What the queue shows of a delivery."""
    done = row.picked_qty
    if row.state in {FulfillmentState.PICKED, FulfillmentState.PACKED}:
        done = row.packed_qty
    whole = row.unit_qty - row.short_qty
    state = "short" if row.is_short and row.state is FulfillmentState.PICKED else row.state.value
    return ParcelRow(
        id=row.fulfillment_id,
        order_number=row.order_number,
        customer_name=row.customer_name,
        state=state,
        created_at=row.created_at,
        progress=f"{done} / {whole}",
    )


COLUMNS = (
    Column(key="order_number", title_key="fulfillment.order", width=fixed(16), strong=True),
    Column(key="customer_name", title_key="fulfillment.customer", width=stretch(2)),
    Column(key="created_at", title_key="fulfillment.since", kind=Kind.DATETIME, muted=True),
    Column(key="progress", title_key="fulfillment.units", kind=Kind.NUMBER, width=fixed(10)),
    Column(
        key="state",
        title_key="fulfillment.state",
        kind=Kind.BADGE,
        width=fixed(22),
        badges={
            "open": Badge("fulfillment.state.open", Tone.NEUTRAL, "circle"),
            "picking": Badge("fulfillment.state.picking", Tone.ACCENT, "scan-line"),
            "picked": Badge("fulfillment.state.picked", Tone.ACCENT, "package-open"),
            "short": Badge("fulfillment.state.short", Tone.WARN, "triangle-alert"),
            "packed": Badge("fulfillment.state.packed", Tone.OK, "package-check"),
        },
    ),
)
