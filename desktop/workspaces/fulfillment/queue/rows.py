"""Rows of the queue and how they are shown."""

from dataclasses import dataclass
from datetime import datetime

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.i18n import tr
from desktop.ui.tokens import Tone
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import QueueRow


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """One parcel of the queue; `progress` counts units picked or packed of all.

    `is_stuck`: all of it is missing, so the back office must decide.
    """

    id: str
    order_number: str
    customer_name: str
    state: str
    created_at: datetime
    progress: str
    picker_id: str | None
    picker_name: str
    is_stuck: bool


def parcel_row(row: QueueRow) -> ParcelRow:
    """What the queue shows of a delivery."""
    is_picked = row.state not in {FulfillmentState.OPEN, FulfillmentState.PICKING}
    done = row.packed_qty if is_picked else row.picked_qty
    is_stuck = row.state is FulfillmentState.PICKED and not row.picked_qty
    state = row.state.value
    if is_stuck:
        state = "missing"
    elif row.is_short and row.state is FulfillmentState.PICKED:
        state = "short"
    return ParcelRow(
        id=row.fulfillment_id,
        order_number=row.order_number,
        customer_name=row.customer_name,
        state=state,
        created_at=row.created_at,
        progress=tr("fulfillment.done_of", done=done, whole=row.unit_qty - row.short_qty),
        picker_id=row.picker_id,
        picker_name=row.picker_name,
        is_stuck=is_stuck,
    )


COLUMNS = (
    Column(key="order_number", title_key="fulfillment.order", width=fixed(15), strong=True),
    Column(key="customer_name", title_key="fulfillment.customer", width=stretch(3)),
    Column(key="picker_name", title_key="fulfillment.picker", width=stretch(1, 9), muted=True),
    Column(key="created_at", title_key="fulfillment.since", kind=Kind.DATETIME, muted=True),
    Column(key="progress", title_key="fulfillment.units", kind=Kind.NUMBER, width=fixed(10)),
    Column(
        key="state",
        title_key="fulfillment.state",
        kind=Kind.BADGE,
        width=fixed(20),
        badges={
            "open": Badge("fulfillment.state.open", Tone.NEUTRAL, "circle"),
            "picking": Badge("fulfillment.state.picking", Tone.ACCENT, "scan-line"),
            "picked": Badge("fulfillment.state.picked", Tone.ACCENT, "package-open"),
            "short": Badge("fulfillment.state.short", Tone.WARN, "triangle-alert"),
            "missing": Badge("fulfillment.state.missing", Tone.WARN, "package-x"),
            "packed": Badge("fulfillment.state.packed", Tone.OK, "package-check"),
        },
    ),
)
