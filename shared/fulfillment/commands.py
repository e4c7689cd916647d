"""What may be asked of fulfillment: it all happens by hand, so it is all fact."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from shared.kernel.ids import FulfillmentId, OrderLineId
from shared.kernel.messages import Command, Nature
from shared.kernel.permissions import Permission


class FulfillmentState(StrEnum):
    """How far the goods are."""

    OPEN = "open"
    PICKING = "picking"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELED = "canceled"


class ShortReason(StrEnum):
    """Why a unit could not be picked."""

    OUT_OF_STOCK = "out_of_stock"
    DAMAGED = "damaged"
    MISPLACED = "misplaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPicking(Command):
    """A picker takes an order on."""

    NAME: ClassVar[str] = "start_picking"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.FULFILL

    fulfillment_id: FulfillmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUnits(Command):
    """Units of a line were taken from the shelf and verified by scan."""

    NAME: ClassVar[str] = "pick_units"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.FULFILL

    fulfillment_id: FulfillmentId
    order_line_id: OrderLineId
    qty: int
    scanned_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShort(Command):
    """Units of a line are not there to be picked."""

    NAME: ClassVar[str] = "report_short"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.FULFILL

    fulfillment_id: FulfillmentId
    order_line_id: OrderLineId
    qty: int
    reason: ShortReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PackUnits(Command):
    """Picked units went into the parcel, verified by scan."""

    NAME: ClassVar[str] = "pack_units"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.FULFILL

    fulfillment_id: FulfillmentId
    order_line_id: OrderLineId
    qty: int
    scanned_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipFulfillment(Command):
    """The parcel was handed to a carrier."""

    NAME: ClassVar[str] = "ship_fulfillment"
    NATURE: ClassVar[Nature] = Nature.FACT
    PERMISSION: ClassVar[Permission] = Permission.FULFILL

    fulfillment_id: FulfillmentId
    carrier: str
    tracking_number: str
