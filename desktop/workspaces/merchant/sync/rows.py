"""Rows and columns of the list of devices."""

from dataclasses import dataclass

from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.tokens import Tone
from shared.organization.commands import Workspace

WORKSPACES = {
    Workspace.MERCHANT: Badge("merchant.device.merchant", Tone.NEUTRAL, "monitor"),
    Workspace.FULFILLMENT: Badge("merchant.device.fulfillment", Tone.NEUTRAL, "package"),
    Workspace.KIOSK: Badge("merchant.device.kiosk", Tone.NEUTRAL, "store"),
}
STATES = {
    "here": Badge("merchant.device.here", Tone.ACCENT, "monitor"),
    "paired": Badge("merchant.device.paired", Tone.OK, "circle-check"),
    "revoked": Badge("merchant.device.revoked", Tone.DANGER, "ban"),
}


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """An enrolled machine; texts are written for people."""

    id: str
    name: str
    workspace: str
    place: str
    enrolled: str
    state: str


COLUMNS = (
    Column(key="name", title_key="merchant.device", width=stretch(2, 14), strong=True),
    Column(
        key="workspace",
        title_key="merchant.device.kind",
        kind=Kind.BADGE,
        badges={key.value: badge for key, badge in WORKSPACES.items()},
        width=fixed(17),
    ),
    Column(key="place", title_key="merchant.stock.location", width=stretch(2, 14), muted=True),
    Column(key="enrolled", title_key="merchant.device.since", width=fixed(14), muted=True),
    Column(
        key="state",
        title_key="merchant.product.status",
        kind=Kind.BADGE,
        badges=STATES,
        width=fixed(16),
    ),
)
