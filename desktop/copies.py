"""Copies of what neighbours of the store have not sent yet: a second home for every sale."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from desktop.database import Durability, Tap, open_engine, set_aside, storage_errors
from desktop.settings import Profile
from desktop.shelves import SHELF_TABLES, Shelves
from shared.kernel.errors import Bug, Rejected, Unavailable
from shared.kernel.messages import Envelope, canonical_json
from shared.sync.protocol.hub import Life, SignedCommands
from shared.sync.protocol.push import MAX_BYTES, MAX_COMMANDS

_log = logging.getLogger(__name__)
SCHEMA_VERSION = 1
_TABLES = (
    """CREATE TABLE copy (
        device_id TEXT NOT NULL,
        incarnation INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        envelope BLOB NOT NULL,
        hash TEXT NOT NULL,
        signature TEXT,
        PRIMARY KEY (device_id, incarnation, seq)
    ) STRICT""",
    """CREATE TABLE owner (
        device_id TEXT NOT NULL PRIMARY KEY,
        certificate TEXT NOT NULL
    ) STRICT""",
    *SHELF_TABLES,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
COPY_CONFLICT = "copy_conflict"
"""Rejected: another command is kept at this place of the neighbour's chain."""
COPY_BROKEN = "copy_broken"
"""Rejected: what came is no part of one chain."""


class Copies:
    """Reads and writes the copies on one connection; belongs to one thread at a time.

    They are on the disk when a method that writes has returned. They are kept until the server's
    rows contain them, whatever becomes of their owner.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Make the tables in an empty file. Raises Unavailable("journal_too_new")."""
        self._connection = connection
        with connection.begin():
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > SCHEMA_VERSION:
                raise Unavailable("journal_too_new")
            if version == 0:
                for statement in _TABLES:
                    connection.exec_driver_sql(statement)

    def take(self, shared: SignedCommands) -> tuple[Envelope, ...]:
        """Keep what a neighbour made; gives those that are new here, lowest first.

        Its signature has been checked. A gap behind what is kept is no fault: the server had what
        is missing before it could be copied.

        Raises Rejected: copy_broken, copy_conflict; then nothing is kept of it.
        """
        _require_chain(shared)
        life = shared.life
        first, last = shared.commands[0].seq, shared.commands[-1].seq
        with self._connection.begin():
            found = self._rows(
                "SELECT seq, hash FROM copy WHERE device_id = ? AND incarnation = ?"
                " AND seq BETWEEN ? AND ?",
                *(life.device_id, life.incarnation, first - 1, last),
            )
            known = {row.seq: row.hash for row in found}
            before = known.pop(first - 1, None)
            if before is not None and before != shared.commands[0].prev_hash:
                raise Rejected(COPY_CONFLICT, seq=first)
            fresh = [each for each in shared.commands if each.seq not in known]
            for each in shared.commands:
                if known.get(each.seq, each.digest()) != each.digest():
                    raise Rejected(COPY_CONFLICT, seq=each.seq)
            for each in fresh:
                self._connection.exec_driver_sql(
                    "INSERT INTO copy VALUES (?, ?, ?, ?, ?, NULL)",
                    (*_place(life, each.seq), canonical_json(each), each.digest()),
                )
            self._connection.exec_driver_sql(
                "UPDATE copy SET signature = ? WHERE device_id = ? AND incarnation = ? AND seq = ?",
                (shared.signature, *_place(life, last)),
            )
            self._connection.exec_driver_sql(
                "INSERT OR REPLACE INTO owner VALUES (?, ?)",
                (life.device_id, shared.certificate),
            )
        return tuple(fresh)

    def held(self) -> dict[Life, int]:
        """The last copy of each life."""
        with self._connection.begin():
            found = self._rows(
                "SELECT device_id, incarnation, max(seq) AS seq FROM copy"
                " GROUP BY device_id, incarnation"
            )
        return {_life(row): int(row.seq) for row in found}

    def all(self) -> dict[Life, list[Envelope]]:
        """All copies by life, lowest first."""
        with self._connection.begin():
            found = self._rows(
                "SELECT device_id, incarnation, envelope FROM copy"
                " ORDER BY device_id, incarnation, seq"
            )
        kept: dict[Life, list[Envelope]] = {}
        for row in found:
            envelope = msgspec.json.decode(row.envelope, type=Envelope)
            kept.setdefault(_life(row), []).append(envelope)
        return kept

    def count(self) -> int:
        """How many there are."""
        with self._connection.begin():
            return int(self._rows("SELECT count(*) AS amount FROM copy")[0].amount)

    def batch(self, life: Life, *, after: int) -> SignedCommands | None:
        """Copies behind a place, as many as one push takes, up to a signed one; None without any.

        Raises Bug when a longer row of copies has no signature, which is never made.
        """
        with self._connection.begin():
            found = self._rows(
                "SELECT seq, envelope, signature, certificate FROM copy JOIN owner"
                " USING (device_id) WHERE device_id = ? AND incarnation = ? AND seq > ?"
                " ORDER BY seq LIMIT ?",
                *(life.device_id, life.incarnation, after, MAX_COMMANDS),
            )
        rows = _unbroken(found)
        if not rows:
            return None
        end = _last_that_fits(rows)
        if end is None:
            raise Bug("copies without a signature")
        commands = [msgspec.json.decode(row.envelope, type=Envelope) for row in rows[: end + 1]]
        return SignedCommands(
            life=life,
            commands=tuple(commands),
            signature=str(rows[end].signature),
            certificate=str(rows[end].certificate),
        )

    def forget(self, life: Life, *, upto: int) -> int:
        """Let go of copies that are in the server's rows; gives how many."""
        with self._connection.begin():
            removed = self._connection.exec_driver_sql(
                "DELETE FROM copy WHERE device_id = ? AND incarnation = ? AND seq <= ?",
                _place(life, upto),
            )
        return removed.rowcount

    def _rows(self, sql: str, *params: object) -> Sequence[sa.Row[Any]]:
        return self._connection.exec_driver_sql(sql, params).all()


class Keeping:
    """The file of the copies: made when a neighbour first gives something, opened when needed."""

    def __init__(self, profile: Profile, key: bytes, *, tap: Tap | None = None) -> None:
        self._profile = profile
        self._key = key
        self._tap = tap
        self._open: tuple[Copies, sa.Connection] | None = None

    @property
    def has_copies(self) -> bool:
        """Whether neighbours have ever given anything into this device's keeping."""
        return self._profile.copies.exists()

    @property
    def copies(self) -> Copies:
        """What neighbours have given into this device's keeping.

        A file that cannot be read is set aside: it must not keep this device from its own work.
        """
        return self._opened_once()[0]

    @property
    def shelves(self) -> Shelves:
        """What is parked at neighbours; in the same file."""
        return Shelves(self._opened_once()[1])

    def _opened_once(self) -> tuple[Copies, sa.Connection]:
        if self._open is None:
            try:
                self._open = self._opened()
            except Unavailable as error:
                if error.code != "database_unreadable":
                    raise
                _log.exception("the copies of neighbours cannot be read; they are set aside")
                set_aside(self._profile.copies, self._profile.set_aside)
                self._open = self._opened()
        return self._open

    def held(self) -> dict[Life, int]:
        """The last copy of each life; nothing is opened where there never was one."""
        return self.copies.held() if self.has_copies else {}

    def count(self) -> int:
        """How many copies there are."""
        return self.copies.count() if self.has_copies else 0

    def batch(self, life: Life, *, after: int) -> SignedCommands | None:
        """Copies behind a place, as many as one push takes."""
        return self.copies.batch(life, after=after) if self.has_copies else None

    def forget(self, life: Life, *, upto: int) -> None:
        """Let go of copies."""
        if self.has_copies:
            self.copies.forget(life, upto=upto)

    def _opened(self) -> tuple[Copies, sa.Connection]:
        with storage_errors():
            connection = open_engine(
                self._profile.copies, self._key, Durability.FULL, tap=self._tap
            ).connect()
            return Copies(connection), connection

    def put_aside(self) -> None:
        """Keep the copies apart: they are another shop's."""
        self.close()
        if self.has_copies:
            set_aside(self._profile.copies, self._profile.set_aside)

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _require_chain(shared: SignedCommands) -> None:
    before: Envelope | None = None
    for each in shared.commands:
        if (each.device_id, each.incarnation) != (shared.life.device_id, shared.life.incarnation):
            raise Rejected(COPY_BROKEN, seq=each.seq)
        if before is not None and (each.seq != before.seq + 1 or each.prev_hash != before.digest()):
            raise Rejected(COPY_BROKEN, seq=each.seq)
        before = each


def _unbroken(rows: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """As many as follow on each other."""
    kept: list[sa.Row[Any]] = []
    for row in rows:
        if kept and row.seq != kept[-1].seq + 1:
            break
        kept.append(row)
    return kept


def _last_that_fits(rows: Sequence[sa.Row[Any]]) -> int | None:
    """The last signed one behind which a push is not too large; else the first signed one."""
    end: int | None = None
    size = 0
    for number, row in enumerate(rows):
        size += len(row.envelope)
        if row.signature is not None and (end is None or size <= MAX_BYTES):
            end = number
    return end


def _life(row: sa.Row[Any]) -> Life:
    return Life(row.device_id, row.incarnation)


def _place(life: Life, seq: int) -> tuple[str, int, int]:
    return life.device_id, life.incarnation, seq
