"""What a device keeps in its replica beside the server's rows: place, bases, digests, search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from shared.kernel.errors import Bug, Rejected
from shared.kernel.messages import Envelope, canonical_json
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.base import Key
from shared.storage.changes import RowChange
from shared.storage.dialects import sqlite_ddl
from shared.storage.images import delete_keys, image_table, upsert_values
from shared.storage.reader import Reader
from shared.storage.types import time_from_text, time_to_text
from shared.sync.cursor import START, Cursor

_INFRASTRUCTURE = (
    """CREATE TABLE sync_state (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        device_id TEXT NOT NULL,
        incarnation INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        acked_seq INTEGER NOT NULL,
        applied_local_seq INTEGER NOT NULL,
        is_filled INTEGER NOT NULL,
        verified_at TEXT,
        skipped_rows INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE base_row (
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        image BLOB,
        PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE aside_image (
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        image BLOB NOT NULL,
        PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE digest (
        scope TEXT NOT NULL,
        tbl TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        digest_sum INTEGER NOT NULL,
        PRIMARY KEY (scope, tbl)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE digest_mismatch (
        scope TEXT NOT NULL,
        tbl TEXT NOT NULL,
        PRIMARY KEY (scope, tbl)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE neighbour (
        device_id TEXT NOT NULL PRIMARY KEY,
        incarnation INTEGER NOT NULL,
        acked_seq INTEGER NOT NULL,
        shown_seq INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE doubt (
        seq INTEGER PRIMARY KEY,
        cmd_id TEXT NOT NULL,
        code TEXT NOT NULL,
        field TEXT,
        params TEXT NOT NULL
    ) STRICT""",
)

_SEARCH = (
    """CREATE VIRTUAL TABLE variant_search USING fts5(
        search_text, content='variant', content_rowid='rowid',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2 3'
    )""",
    """CREATE TRIGGER variant_search_insert AFTER INSERT ON variant BEGIN
        INSERT INTO variant_search(rowid, search_text) VALUES (new.rowid, new.search_text);
    END""",
    """CREATE TRIGGER variant_search_delete AFTER DELETE ON variant BEGIN
        INSERT INTO variant_search(variant_search, rowid, search_text)
        VALUES ('delete', old.rowid, old.search_text);
    END""",
    """CREATE TRIGGER variant_search_update AFTER UPDATE OF search_text ON variant
    WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO variant_search(variant_search, rowid, search_text)
        VALUES ('delete', old.rowid, old.search_text);
        INSERT INTO variant_search(rowid, search_text) VALUES (new.rowid, new.search_text);
    END""",
)


def replica_ddl() -> tuple[str, ...]:
    """The statements that make an empty replica."""
    if not TABLE_MODULES:
        message = "no table is declared"
        raise Bug(message)
    return (*sqlite_ddl(), *_INFRASTRUCTURE, *_SEARCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaState:
    """Where a replica stands.

    `cursor` is the server's state that lies below the pending effects; `acked_seq` the device's
    last command contained in it; `applied_local_seq` the last one whose effects lie on top.
    `is_filled` is false until the first fill has come to its last page. `verified_at` is when the
    digests agreed last; `skipped_rows` counts rows of tables that this release does not know.
    """

    device_id: str
    incarnation: int
    cursor: Cursor = START
    acked_seq: int = 0
    applied_local_seq: int = 0
    is_filled: bool = False
    verified_at: datetime | None = None
    skipped_rows: int = 0


_READ_STATE = (
    "SELECT device_id, incarnation, epoch, seq, acked_seq, applied_local_seq, is_filled,"
    " verified_at, skipped_rows FROM sync_state"
)


def read_state(connection: sa.Connection) -> ReplicaState | None:
    """Where the replica stands, or None while it belongs to no device."""
    found = connection.exec_driver_sql(_READ_STATE).first()
    if found is None:
        return None
    return ReplicaState(
        device_id=found[0],
        incarnation=found[1],
        cursor=Cursor(found[2], found[3]),
        acked_seq=found[4],
        applied_local_seq=found[5],
        is_filled=bool(found[6]),
        verified_at=None if found[7] is None else time_from_text(found[7]),
        skipped_rows=found[8],
    )


def write_state(connection: sa.Connection, state: ReplicaState) -> None:
    """Replace where the replica stands."""
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO sync_state VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            state.device_id,
            state.incarnation,
            state.cursor.epoch,
            state.cursor.seq,
            state.acked_seq,
            state.applied_local_seq,
            int(state.is_filled),
            None if state.verified_at is None else time_to_text(state.verified_at),
            state.skipped_rows,
        ),
    )


def key_text(key: Key) -> str:
    """A row's key as one text."""
    return canonical_json(key).decode()


def key_from_text(text: str) -> Key:
    """The key that `key_text` wrote."""
    return msgspec.json.decode(text, type=tuple[str, ...])


def record_bases(connection: sa.Connection, changes: Iterable[RowChange]) -> None:
    """Keep the confirmed image of every row that is touched for the first time."""
    bases = [
        (
            change.table.name,
            key_text(change.key),
            None if change.before is None else change.table.image(change.before),
        )
        for change in changes
    ]
    if bases:
        connection.exec_driver_sql("INSERT OR IGNORE INTO base_row VALUES (?, ?, ?)", bases)


def record_doubt(connection: sa.Connection, envelope: Envelope, refusal: Rejected) -> None:
    """Remember that a command fails on the newest rows: the server will likely refuse it."""
    params: Mapping[str, str | int] = dict(refusal.params)
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO doubt VALUES (?, ?, ?, ?, ?)",
        (
            envelope.seq,
            envelope.cmd_id,
            refusal.code,
            refusal.field,
            canonical_json(params).decode(),
        ),
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pending command that fails on the newest rows, and how."""

    seq: int
    cmd_id: str
    refusal: Rejected


def doubts(reader: Reader) -> tuple[Doubt, ...]:
    """The pending commands that the server will likely refuse, in their order."""
    found = reader.text("SELECT seq, cmd_id, code, field, params FROM doubt ORDER BY seq")
    return tuple(
        Doubt(row.seq, row.cmd_id, Rejected(row.code, field=row.field, **_params(row.params)))
        for row in found
    )


def _params(text: str) -> dict[str, str | int]:
    return msgspec.json.decode(text, type=dict[str, str | int])


def touched_keys(connection: sa.Connection) -> dict[str, list[Key]]:
    """The rows that pending commands touched, by table."""
    found: dict[str, list[Key]] = {}
    for tbl, key in connection.exec_driver_sql("SELECT tbl, key FROM base_row"):
        found.setdefault(tbl, []).append(key_from_text(key))
    return found


def take_off_pending(connection: sa.Connection) -> None:
    """Take all effects of pending commands off, neighbours' too.

    Every touched row gets its confirmed image back.
    """
    found = connection.exec_driver_sql("SELECT tbl, key, image FROM base_row").all()
    by_table: dict[str, list[tuple[Key, bytes | None]]] = {}
    for tbl, key, image in found:
        by_table.setdefault(tbl, []).append((key_from_text(key), image))
    for name, bases in by_table.items():
        images = image_table(name)
        delete_keys(connection, images, [key for key, image in bases if image is None])
        rows = [images.read(image)[0] for _key, image in bases if image is not None]
        upsert_values(connection, images, rows)
    connection.exec_driver_sql("DELETE FROM base_row")
    connection.exec_driver_sql("DELETE FROM doubt")
    connection.exec_driver_sql("UPDATE neighbour SET shown_seq = acked_seq")


def without_pending(connection: sa.Connection, state: ReplicaState) -> ReplicaState:
    """Take pending effects off and give the state to write: all of them are to be run again."""
    take_off_pending(connection)
    return replace(state, applied_local_seq=state.acked_seq)


def reborn(
    connection: sa.Connection, state: ReplicaState, incarnation: int, *, acked_seq: int
) -> ReplicaState:
    """Take pending effects off and give the state to write for the device's next life.

    The confirmed rows stay: they are the server's, whoever asked for them. `acked_seq` is how many
    commands of the new life they hold already.
    """
    take_off_pending(connection)
    return replace(state, incarnation=incarnation, acked_seq=acked_seq, applied_local_seq=acked_seq)
