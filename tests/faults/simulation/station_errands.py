"""What pickers and packers do: take on, pick, report short, pack, ship."""

from shared.fulfillment.commands import (
    FulfillmentState,
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    ShortReason,
    StartPicking,
)
from shared.fulfillment.queries import WAITING
from shared.fulfillment.tables import (
    FULFILLMENT,
    FULFILLMENT_LINE,
    FulfillmentLineRow,
    FulfillmentRow,
)
from shared.kernel.messages import Command
from shared.storage.reader import Reader
from tests.faults.simulation.errands import Person


def at_the_station(person: Person, reader: Reader) -> Command | None:
    """The next thing somebody at the station does."""
    waiting = reader.find(
        FulfillmentRow,
        FULFILLMENT.c.location_id == person.location_id,
        FULFILLMENT.c.state.in_(WAITING),
        order_by=[FULFILLMENT.c.created_at, FULFILLMENT.c.fulfillment_id],
        limit=4,
    )
    if not waiting:
        return None
    row = person.chance.choice(waiting)
    if row.state is FulfillmentState.OPEN:
        return StartPicking(fulfillment_id=row.fulfillment_id)
    if row.state is FulfillmentState.PACKED:
        return ShipFulfillment(
            fulfillment_id=row.fulfillment_id, carrier="DHL", tracking_number=person.next_number()
        )
    of_it = FULFILLMENT_LINE.c.fulfillment_id == row.fulfillment_id
    lines = reader.find(FulfillmentLineRow, of_it)
    if row.state is FulfillmentState.PICKING:
        return _pick(person, lines)
    return _pack(person, lines)


def _pick(person: Person, lines: list[FulfillmentLineRow]) -> Command | None:
    for line in lines:
        left = line.qty - line.picked_qty - line.short_qty
        if left > 0 and person.chance.random() < 0.15:
            return ReportShort(
                fulfillment_id=line.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=left,
                reason=ShortReason.OUT_OF_STOCK,
            )
        if left > 0:
            return PickUnits(
                fulfillment_id=line.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=left,
                scanned_code="typed",
            )
    return None


def _pack(person: Person, lines: list[FulfillmentLineRow]) -> Command | None:
    for line in lines:
        left = line.picked_qty - line.packed_qty
        if left > 0:
            return PackUnits(
                fulfillment_id=line.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=person.chance.randint(1, left),
                scanned_code="typed",
            )
    return None
