"""What happened to orders."""

from dataclasses import dataclass

from shared.kernel.ids import OrderId
from shared.kernel.messages import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """An order was agreed that a location must deliver."""

    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCanceled(Event):
    """An order was called off."""

    order_id: OrderId
