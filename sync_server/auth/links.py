"""Device links: each device's key, and how far the server has come in its journal."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId
from shared.organization.tables import DEVICE, DeviceRow
from shared.storage.reader import Reader
from sync_server.command_log import Reach
from sync_server.schema import DEVICE_LINK


def _make_save() -> sa.Insert:
    insert = postgresql.insert(DEVICE_LINK)
    return insert.on_conflict_do_update(
        index_elements=[sa.literal_column("tenant_id"), DEVICE_LINK.c.device_id],
        set_={c.name: insert.excluded[c.name] for c in DEVICE_LINK.c if not c.primary_key},
    )


_FIND = sa.select(DEVICE_LINK).where(DEVICE_LINK.c.device_id == sa.bindparam("device"))
_LOCK = _FIND.with_for_update()
_SAVE = _make_save()
_NEIGHBOURS = (
    sa.select(DEVICE_LINK)
    .join(DEVICE.table, DEVICE.c.device_id == DEVICE_LINK.c.device_id)
    .where(
        DEVICE.c.location_id == sa.bindparam("location"),
        DEVICE_LINK.c.device_id != sa.bindparam("device"),
    )
    .order_by(DEVICE_LINK.c.device_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLink:
    """One device; `last_seq` and `last_hash` are those of its last decided command.

    A fenced device has a twin: its journal went two ways, and it must be paired anew.
    """

    device_id: DeviceId
    public_key: bytes
    pairing_id: str
    incarnation: int
    last_seq: int
    last_hash: str
    fenced_at: datetime | None

    @property
    def reach(self) -> Reach:
        """How far the server has come in its present life."""
        return Reach(self.incarnation, self.last_seq, self.last_hash)

    def moved(self, reach: Reach) -> "DeviceLink":
        """The same, further on in the same life."""
        return dataclasses.replace(self, last_seq=reach.seq, last_hash=reach.hash)


def find(connection: sa.Connection, device_id: str) -> DeviceLink | None:
    """The link of a device, or None."""
    return _link(connection.execute(_FIND, {"device": device_id}).first())


def require(connection: sa.Connection, device_id: str) -> DeviceLink:
    """A device's link. Raises Rejected("device_unknown")."""
    link = find(connection, device_id)
    if link is None:
        raise Rejected("device_unknown")
    return link


def lock(connection: sa.Connection, device_id: str) -> DeviceLink | None:
    """The link of a device, or None; nobody else changes it until the transaction ends."""
    return _link(connection.execute(_LOCK, {"device": device_id}).first())


def neighbours_of(connection: sa.Connection, device: DeviceRow) -> list[DeviceLink]:
    """The links of the other devices of its location, in the order of their ids.

    Those that were shut out are among them: copies of their last commands may still come.
    """
    if device.location_id is None:
        return []
    given = {"location": device.location_id, "device": device.device_id}
    return [DeviceLink(**row._asdict()) for row in connection.execute(_NEIGHBOURS, given)]


def save(connection: sa.Connection, link: DeviceLink) -> None:
    """Store a new link or the new state of one."""
    connection.execute(_SAVE, dataclasses.asdict(link))


def require_admitted(connection: sa.Connection, device_id: str) -> DeviceRow:
    """The device's row. Raises Rejected: device_unknown or device_revoked."""
    device = Reader(connection).get(DeviceRow, device_id)
    if device is None:
        raise Rejected("device_unknown")
    if device.revoked_at is not None:
        raise Rejected("device_revoked", device=device.name)
    return device


def _link(found: sa.Row[Any] | None) -> DeviceLink | None:
    if found is None:
        return None
    return DeviceLink(**found._asdict())
