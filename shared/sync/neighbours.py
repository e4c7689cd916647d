"""What neighbours of the store have not sent yet, shown on top of the server's rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shared.kernel.context import Station
from shared.kernel.messages import Envelope
from shared.organization.tables import DEVICE, DeviceRow
from shared.storage.base import Key
from shared.storage.reader import Reader
from shared.sync.protocol.pull import NeighbourAcked
from shared.sync.rebase import Place, rerun_quietly

_Life = tuple[str, int]
"""A device and its incarnation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourCommands:
    """Commands of one neighbour, lowest first, and where it makes them."""

    place: Place
    envelopes: Sequence[Envelope]


def read_acked(connection: sa.Connection) -> dict[str, tuple[int, int]]:
    """By device: its life, and its last command in that life which the confirmed rows contain."""
    found = connection.exec_driver_sql("SELECT device_id, incarnation, acked_seq FROM neighbour")
    return {device_id: (incarnation, acked) for device_id, incarnation, acked in found}


def _read_shown(connection: sa.Connection) -> dict[str, tuple[int, int]]:
    """By device: its life, and its last command in that life whose effects are to be seen."""
    found = connection.exec_driver_sql("SELECT device_id, incarnation, shown_seq FROM neighbour")
    return {device_id: (incarnation, shown) for device_id, incarnation, shown in found}


def write_acked(connection: sa.Connection, told: Iterable[NeighbourAcked]) -> None:
    """Replace what is known of neighbours by what a page told; nothing on top is shown yet."""
    connection.exec_driver_sql("DELETE FROM neighbour")
    rows = [(each.device_id, each.incarnation, each.acked_seq, each.acked_seq) for each in told]
    if rows:
        connection.exec_driver_sql("INSERT INTO neighbour VALUES (?, ?, ?, ?)", rows)


def to_be_shown(
    connection: sa.Connection,
    commands: Mapping[_Life, Sequence[Envelope]],
    *,
    here: Place,
) -> list[NeighbourCommands]:
    """Those of the neighbours' commands whose effects are not to be seen yet.

    Of a neighbour of whom no page told, or whose life is over, nothing is shown: nobody knows here
    what the rows contain of it, or its commands came along into its next life.
    """
    seen = _read_shown(connection)
    shown: list[NeighbourCommands] = []
    for (device_id, incarnation), envelopes in sorted(commands.items()):
        life, seq = seen.get(device_id, (0, 0))
        if life != incarnation:
            continue
        left = [each for each in envelopes if each.seq > seq]
        place = _place_of(connection, device_id, here)
        if left and place is not None:
            shown.append(NeighbourCommands(place=place, envelopes=left))
    return shown


def _place_of(connection: sa.Connection, device_id: str, here: Place) -> Place | None:
    """Where a neighbour makes its commands, as its device row says; None for an unknown one."""
    found = Reader(connection).find(DeviceRow, DEVICE.c.device_id == device_id)
    if not found:
        return None
    (row,) = found
    station = Station(
        device_id=row.device_id, location_id=row.location_id, register_id=row.register_id
    )
    return Place(tenant_id=here.tenant_id, station=station)


def show(
    connection: sa.Connection, neighbours: Iterable[NeighbourCommands]
) -> set[tuple[str, Key]]:
    """Run neighbours' commands on top of what there is; one that fails is left out.

    Gives table and key of the rows that were touched.
    """
    touched: set[tuple[str, Key]] = set()
    for each in neighbours:
        touched |= rerun_quietly(connection, each.envelopes, each.place)
        connection.exec_driver_sql(
            "UPDATE neighbour SET shown_seq = ? WHERE device_id = ?",
            (each.envelopes[-1].seq, each.place.station.device_id),
        )
    return touched
