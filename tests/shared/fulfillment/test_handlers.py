"""The station: picking, packing and shipping of one order, whole and short."""

import pytest

from shared.fulfillment.commands import (
    FulfillmentState,
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    ShortReason,
    StartPicking,
)
from shared.fulfillment.queries import (
    Delivery,
    LineCode,
    by_tracking_number,
    delivery,
    order_with_label,
    queue,
)
from shared.inventory.tables import StockLevelRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import FulfillmentId, OrderId, OrderLineId, VariantId, new_id
from shared.kernel.messages import OutcomeState
from shared.orders.commands import (
    CancelOrder,
    Channel,
    DocState,
    FulfillmentStatus,
    PlacedLine,
    PlaceOrder,
)
from shared.orders.tables import OrderLineRow
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite


@pytest.fixture
def shop() -> Shop:
    return Shop(empty_sqlite())


class Parcel:
    """A web order of one line on its way through the station."""

    def __init__(self, shop: Shop, variant_id: VariantId, qty: int) -> None:
        self.shop = shop
        self.order_id = OrderId(new_id())
        self.line_id = OrderLineId(new_id())
        shop.do(
            PlaceOrder(
                order_id=self.order_id,
                order_number=f"W-{new_id()[-6:]}",
                channel=Channel.WEB,
                location_id=shop.location_id,
                lines=(PlacedLine(order_line_id=self.line_id, variant_id=variant_id, qty=qty),),
            )
        )
        self.fulfillment_id: FulfillmentId = next(
            row.fulfillment_id
            for row in shop.fetch(queue, shop.location_id)
            if row.order_id == self.order_id
        )

    def pick(self, qty: int) -> PickUnits:
        return PickUnits(
            fulfillment_id=self.fulfillment_id,
            order_line_id=self.line_id,
            qty=qty,
            scanned_code="MUG",
        )

    def pack(self, qty: int) -> PackUnits:
        return PackUnits(
            fulfillment_id=self.fulfillment_id,
            order_line_id=self.line_id,
            qty=qty,
            scanned_code="MUG",
        )

    def short(self, qty: int) -> ReportShort:
        return ReportShort(
            fulfillment_id=self.fulfillment_id,
            order_line_id=self.line_id,
            qty=qty,
            reason=ShortReason.OUT_OF_STOCK,
        )

    def start(self) -> StartPicking:
        return StartPicking(fulfillment_id=self.fulfillment_id)

    def ship(self) -> ShipFulfillment:
        return ShipFulfillment(
            fulfillment_id=self.fulfillment_id, carrier="DHL", tracking_number=" 1Z9 "
        )

    def now(self) -> Delivery:
        return self.shop.fetch(delivery, self.fulfillment_id)


def level(shop: Shop, variant_id: VariantId) -> tuple[int, int]:
    row = Reader(shop.connection).require(StockLevelRow, variant_id, shop.location_id)
    return row.on_hand_qty, row.reserved_qty


def test_a_placed_order_waits_in_its_locations_queue_and_reserves(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG", barcode="4006381333931")

    parcel = Parcel(shop, mug, qty=2)

    waiting = parcel.now()
    assert waiting.fulfillment.state is FulfillmentState.OPEN
    assert [(line.qty, line.codes) for line in waiting.lines] == [
        (2, (LineCode("4006381333931", unit_qty=1),))
    ]
    assert level(shop, mug) == (5, 2)


def test_scan_by_scan_a_parcel_is_picked_packed_and_shipped(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG")
    parcel = Parcel(shop, mug, qty=2)

    states = []
    for command in (
        parcel.start(),
        parcel.pick(1),
        parcel.pick(1),
        parcel.pack(1),
        parcel.pack(1),
        parcel.ship(),
    ):
        shop.do(command)
        states.append(parcel.now().fulfillment.state)

    shipped = parcel.now()
    assert states == [
        FulfillmentState.PICKING,
        FulfillmentState.PICKING,
        FulfillmentState.PICKED,
        FulfillmentState.PICKED,
        FulfillmentState.PACKED,
        FulfillmentState.SHIPPED,
    ]
    assert shipped.order.fulfillment_status is FulfillmentStatus.FULFILLED
    assert shipped.order.doc_state is DocState.CLOSED
    assert shipped.fulfillment.tracking_number == "1Z9"
    assert level(shop, mug) == (3, 0)


def test_a_short_pick_ships_the_rest_and_asks_for_a_count(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG")
    parcel = Parcel(shop, mug, qty=3)
    shop.do(parcel.start())
    shop.do(parcel.pick(2))

    outcome = shop.do(parcel.short(1))
    shop.do(parcel.pack(2))
    shop.do(parcel.ship())

    done = parcel.now()
    assert (outcome.state, outcome.code) == (
        OutcomeState.APPLIED_WITH_EXCEPTION,
        "picked_short",
    )
    assert done.fulfillment.is_short
    assert done.order.fulfillment_status is FulfillmentStatus.FULFILLED
    assert level(shop, mug) == (3, 0)


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("pick 1",), "fulfillment_not_picking"),
        (("start", "pick 4"), "picked_too_many"),
        (("start", "pick 1", "short 3"), "short_too_many"),
        (("start", "pick 1", "pack 1"), "fulfillment_not_picked"),
        (("start", "pick 3", "pack 4"), "packed_too_many"),
        (("start", "pick 3", "ship"), "fulfillment_not_packed"),
        (("start", "pick 0"), "quantity_not_positive"),
        (("start", "pick 3", "start"), "fulfillment_taken"),
    ],
)
def test_a_wrong_step_is_refused_with_its_reason(
    shop: Shop, steps: tuple[str, ...], code: str
) -> None:
    parcel = Parcel(shop, shop.product(on_hand_qty=5, sku="MUG"), qty=3)
    *good, bad = steps
    for step in good:
        perform(parcel, step)

    with pytest.raises(Rejected) as refused:
        perform(parcel, bad)

    assert refused.value.code == code


def perform(parcel: Parcel, step: str) -> None:
    name, _, qty = step.partition(" ")
    made = getattr(parcel, name)
    parcel.shop.do(made(int(qty)) if qty else made())


def test_two_stations_picking_the_same_parcel_offline_count_once_and_are_noted(
    shop: Shop,
) -> None:
    parcel = Parcel(shop, shop.product(on_hand_qty=5, sku="MUG"), qty=2)
    for command in (parcel.start(), parcel.pick(2)):
        shop.decide(command)

    late = [shop.decide(command).code for command in (parcel.start(), parcel.pick(2))]

    assert late == ["fulfillment_taken", "fulfillment_not_picking"]
    assert parcel.now().lines[0].picked_qty == 2


def test_canceling_an_order_under_way_stops_it_and_tells_a_person(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG")
    parcel = Parcel(shop, mug, qty=2)
    shop.do(parcel.start())

    outcome = shop.do(CancelOrder(order_id=parcel.order_id, reason="changed their mind"))

    assert outcome.code == "fulfillment_canceled_underway"
    assert parcel.now().fulfillment.state is FulfillmentState.CANCELED
    assert level(shop, mug) == (5, 0)


def test_a_parcel_that_left_although_its_order_was_canceled_meanwhile_is_a_fact(
    shop: Shop,
) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG")
    other, parcel = Parcel(shop, mug, qty=1), Parcel(shop, mug, qty=3)
    for command in (parcel.start(), parcel.pick(2), parcel.short(1), parcel.pack(2)):
        shop.do(command)
    shop.do(CancelOrder(order_id=parcel.order_id, reason="changed their mind"))

    outcome = shop.decide(parcel.ship())

    assert outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    assert outcome.code == "fulfillment_not_packed"
    assert parcel.now().fulfillment.state is FulfillmentState.SHIPPED
    line = Reader(shop.connection).require(OrderLineRow, parcel.line_id)
    assert (line.shipped_qty, line.canceled_qty) == (2, 1)
    assert parcel.now().order.doc_state is DocState.CANCELED
    assert level(shop, mug) == (3, 1)
    assert other.now().fulfillment.state is FulfillmentState.OPEN


def test_a_shipped_order_cannot_be_canceled(shop: Shop) -> None:
    parcel = Parcel(shop, shop.product(on_hand_qty=5, sku="MUG"), qty=1)
    for command in (parcel.start(), parcel.pick(1), parcel.pack(1), parcel.ship()):
        shop.do(command)

    with pytest.raises(Rejected) as refused:
        shop.do(CancelOrder(order_id=parcel.order_id, reason="too late"))

    assert refused.value.code == "order_state_forbids"


def test_a_parcel_is_found_by_its_tracking_number_through_an_index(shop: Shop) -> None:
    parcel = Parcel(shop, shop.product(on_hand_qty=2), 1)
    for command in (parcel.start(), parcel.pick(1), parcel.pack(1), parcel.ship()):
        shop.do(command)

    found = shop.fetch(by_tracking_number, "1 Z9 ")

    assert [(row.order_id, row.carrier) for row in found] == [(parcel.order_id, "DHL")]
    assert shop.fetch(by_tracking_number, "2Z9") == ()
    assert shop.fetch(by_tracking_number, " ") == ()
    other = FulfillmentId(new_id())
    number = parcel.now().order.order_number
    assert shop.fetch(order_with_label, "1Z9", besides=other) == number
    plan = shop.connection.exec_driver_sql(
        "EXPLAIN QUERY PLAN SELECT order_id FROM fulfillment"
        " WHERE tracking_number = ? AND tracking_number <> ''",
        ("1Z9",),
    )
    assert "USING INDEX" in str(plan.all())


def test_shipping_twice_changes_nothing(shop: Shop) -> None:
    mug = shop.product(on_hand_qty=5, sku="MUG")
    parcel = Parcel(shop, mug, qty=1)
    for command in (parcel.start(), parcel.pick(1), parcel.pack(1), parcel.ship()):
        shop.do(command)

    again = shop.decide(parcel.ship())

    assert again.code == "fulfillment_not_packed"
    assert level(shop, mug) == (4, 0)
