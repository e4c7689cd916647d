"""What is parked at the devices of the store, as it lies in this device's file of copies."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from shared.kernel.ids import DeviceId
from shared.sync.protocol.hub import MOST_TAKEN, Shelf, TakenCart

SHELF_TABLES = (
    """CREATE TABLE shelf (
        device_id TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        content TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE taken_cart (
        device_id TEXT NOT NULL,
        parking_id TEXT NOT NULL,
        PRIMARY KEY (device_id, parking_id)
    ) STRICT""",
)


class Shelves:
    """Reads and writes them on one connection; belongs to one thread at a time."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put(self, shelf: Shelf) -> bool:
        """Keep a shelf unless it is known to be older; whether it was new.

        Carts that were taken from it and lie there no more need not be remembered.
        """
        with self._connection.begin():
            known = self._rows(
                "SELECT revision FROM shelf WHERE device_id = ?", str(shelf.device_id)
            )
            if known and known[0].revision >= shelf.revision:
                return False
            self._do(
                "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?)",
                shelf.device_id,
                shelf.revision,
                shelf.content,
            )
            self._forget_what_left(shelf.device_id, shelf.content)
        return True

    def all(self) -> tuple[Shelf, ...]:
        """What is known of each device."""
        with self._connection.begin():
            found = self._rows("SELECT device_id, revision, content FROM shelf ORDER BY device_id")
        return tuple(
            Shelf(device_id=DeviceId(row.device_id), revision=row.revision, content=row.content)
            for row in found
        )

    def take(self, taken: TakenCart) -> bool:
        """Remember that a cart went on elsewhere; whether that was new.

        Only the latest are kept: a cart that is forgotten is shown in two places, and sold once.
        """
        with self._connection.begin():
            added = self._connection.exec_driver_sql(
                "INSERT OR IGNORE INTO taken_cart VALUES (?, ?)",
                (taken.device_id, taken.parking_id),
            ).rowcount
            self._do(
                "DELETE FROM taken_cart WHERE rowid <= (SELECT max(rowid) FROM taken_cart) - ?",
                MOST_TAKEN,
            )
        return added > 0

    def taken(self) -> tuple[TakenCart, ...]:
        """The carts that went on elsewhere, and still lie on the shelf where they were parked."""
        with self._connection.begin():
            found = self._rows("SELECT device_id, parking_id FROM taken_cart ORDER BY rowid")
        return tuple(
            TakenCart(device_id=DeviceId(row.device_id), parking_id=row.parking_id) for row in found
        )

    def forget_what_left(self, device_id: DeviceId, content: str) -> None:
        """Let go of taken carts that are not on a device's shelf any more."""
        with self._connection.begin():
            self._forget_what_left(device_id, content)

    def clear(self) -> bool:
        """Let go of everything; whether there was anything."""
        with self._connection.begin():
            removed = self._connection.exec_driver_sql("DELETE FROM shelf").rowcount
            self._do("DELETE FROM taken_cart")
        return removed > 0

    def _forget_what_left(self, device_id: DeviceId, content: str) -> None:
        # The name of a parking is found nowhere else in the text, which is not read here.
        self._do(
            "DELETE FROM taken_cart WHERE device_id = ? AND instr(?, parking_id) = 0",
            device_id,
            content,
        )

    def _rows(self, sql: str, *params: object) -> Sequence[sa.Row[Any]]:
        return self._connection.exec_driver_sql(sql, params).all()

    def _do(self, sql: str, *params: object) -> None:
        self._connection.exec_driver_sql(sql, params)
