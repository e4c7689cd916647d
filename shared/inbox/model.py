"""For whom a case is: which of them concern a device, its place, and who works there."""

from dataclasses import dataclass

from shared.kernel.ids import DeviceId, LocationId, RegisterId, UserId
from shared.organization.commands import Workspace

GOODS_CODES = frozenset({"stock_oversold", "picked_short", "fulfillment_canceled_underway"})
"""Oddities about goods, whatever command brought them about."""
GOODS_COMMANDS = frozenset(
    {
        "adjust_stock",
        "count_stock",
        "start_picking",
        "pick_units",
        "report_short",
        "pack_units",
        "ship_fulfillment",
    }
)
"""Commands about goods, whatever is odd about them."""
PARCEL_CODES = frozenset({"fulfillment_canceled_underway"})
"""Oddities about a parcel. The back office brings them about, and it works for no one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks into the inbox, and where: a device at its place, and who works there now.

    `may_settle`: whether that person may settle cases; nobody signed in is None and False.
    """

    workspace: Workspace
    device_id: DeviceId
    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    user_id: UserId | None = None
    may_settle: bool = False
