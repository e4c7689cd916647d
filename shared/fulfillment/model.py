"""Which state of a delivery may follow which."""

from shared.fulfillment.commands import FulfillmentState
from shared.kernel.states import StateTable

FULFILLMENT_STATES = StateTable(
    "fulfillment",
    FulfillmentState,
    {
        FulfillmentState.OPEN: frozenset({FulfillmentState.PICKING, FulfillmentState.CANCELED}),
        FulfillmentState.PICKING: frozenset({FulfillmentState.PICKED, FulfillmentState.CANCELED}),
        FulfillmentState.PICKED: frozenset({FulfillmentState.PACKED, FulfillmentState.CANCELED}),
        FulfillmentState.PACKED: frozenset({FulfillmentState.SHIPPED, FulfillmentState.CANCELED}),
        FulfillmentState.SHIPPED: frozenset(),
        FulfillmentState.CANCELED: frozenset(),
    },
)
