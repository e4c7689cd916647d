"""The journal: identity, commands, counters and drafts; the one file that must never be lost."""
# long: what must never be lost is written in one place, by statements that are read together

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from desktop.uploads import UPLOAD_TABLE, Uploads
from shared.kernel.errors import Bug, Unavailable
from shared.kernel.ids import DeviceId, LocationId, RegisterId, TenantId
from shared.kernel.messages import FIRST_HASH, Envelope, Outcome, canonical_json
from shared.organization.commands import Workspace
from shared.storage.types import time_from_text, time_to_text
from shared.sync.protocol.push import CommandOutcome

SCHEMA_VERSION = 2
PARKED_SLOT = "kiosk.parked"
"""The draft with what is parked at a till; the other devices of its store are shown it."""
_FOREIGN_FROM = "foreign_lives_from"

_TABLES = (
    """CREATE TABLE identity (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE command (
        incarnation INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        cmd_id TEXT NOT NULL,
        envelope BLOB NOT NULL,
        hash TEXT NOT NULL,
        business_at TEXT NOT NULL,
        state TEXT NOT NULL,
        outcome BLOB,
        commit_seq INTEGER,
        PRIMARY KEY (incarnation, seq),
        UNIQUE (incarnation, cmd_id)
    ) STRICT""",
    "CREATE INDEX command_unsent ON command (incarnation, seq) WHERE state = 'unsent'",
    "CREATE TABLE number_series (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT",
    """CREATE TABLE draft (
        slot TEXT PRIMARY KEY,
        content BLOB NOT NULL,
        saved_at TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)
_LATER: Mapping[int, tuple[str, ...]] = {2: (UPLOAD_TABLE,)}
"""What each later version adds; nothing is ever changed or taken away."""


class CommandState(StrEnum):
    """How far a command has come, as far as this device knows."""

    UNSENT = "unsent"
    """No answer yet; it may have reached the server all the same."""
    DECIDED = "decided"
    """The server's outcome is stored beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this device is: given once, when it is enrolled."""

    tenant_id: TenantId
    tenant_name: str
    device_id: DeviceId
    incarnation: int
    workspace: Workspace
    location_id: LocationId | None
    register_id: RegisterId | None
    scopes: tuple[str, ...]
    server_url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the journal with what became of it."""

    envelope: Envelope
    hash: str
    state: CommandState
    outcome: Outcome | None
    commit_seq: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the hash chain; seq 0 with 64 zeros before the first command."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the server does not have yet: commands without an answer, and blobs to be sent."""

    count: int
    oldest_at: datetime | None
    blobs: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """Unfinished work of a screen, such as an open cart."""

    content: bytes
    saved_at: datetime


class Journal:
    """Reads and writes the journal on one connection; belongs to one thread at a time."""

    def __init__(self, connection: sa.Connection) -> None:
        """Make the tables that are missing. Raises Unavailable("journal_too_new")."""
        self._connection = connection
        self.uploads = Uploads(self._rows, self._do)
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.rollback()
        if version > SCHEMA_VERSION:
            raise Unavailable("journal_too_new")
        if version < SCHEMA_VERSION:
            self._make_tables(after=version)
        identity = self.identity()
        self._incarnation = 0 if identity is None else identity.incarnation

    def _make_tables(self, *, after: int) -> None:
        """Add what later versions have; a stop in between leaves the file as it was."""
        with self.writing():
            for version in range(after + 1, SCHEMA_VERSION + 1):
                for statement in _TABLES if version == 1 else _LATER[version]:
                    self._connection.exec_driver_sql(statement)
            self._connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: on the disk when the block ends, without a trace when it raises."""
        if self._connection.in_transaction():
            message = "the journal is being written already"
            raise Bug(message)
        with self._connection.begin():
            yield

    def _rows(self, sql: str, *params: object) -> Sequence[sa.Row[Any]]:
        is_inside = self._connection.in_transaction()
        found = self._connection.exec_driver_sql(sql, params).all()
        if not is_inside:
            self._connection.rollback()
        return found

    def _do(self, sql: str, *params: object) -> None:
        if not self._connection.in_transaction():
            message = "the journal is only written inside writing()"
            raise Bug(message)
        self._connection.exec_driver_sql(sql, params)

    # -- identity ----------------------------------------------------------------------------

    def identity(self) -> Identity | None:
        """Who this device is, or None before it is enrolled."""
        found = self._rows("SELECT body FROM identity")
        return msgspec.json.decode(found[0].body, type=Identity) if found else None

    def become(self, identity: Identity, *, is_renumbered: bool) -> None:
        """Be this device from now on; its commands begin where those of its life end, or at 1.

        `is_renumbered` when lives are counted from 1 again: those so far are put aside then. What
        belongs to another tenant is kept apart for ever; its counters and drafts end.
        """
        before = self.identity()
        if is_renumbered:
            self._put_lives_aside()
        if before is not None and before.tenant_id != identity.tenant_id:
            self.set_note(_FOREIGN_FROM, str(min(self._lowest_life(), self._lowest_foreign())))
            self._do("DELETE FROM number_series")
            self._do("DELETE FROM draft")
        body = msgspec.json.encode(identity).decode()
        self._do("INSERT OR REPLACE INTO identity VALUES (1, ?)", body)
        self._incarnation = identity.incarnation

    def _put_lives_aside(self) -> None:
        """Number the lives so far below zero."""
        (found,) = self._rows("SELECT coalesce(max(incarnation), 0) AS high FROM command")
        low = min(self._lowest_life(), self._lowest_foreign(), 0)
        shift = max(found.high, 0) + 1 - low
        self._do("UPDATE command SET incarnation = incarnation - ? WHERE incarnation > 0", shift)

    def _lowest_life(self) -> int:
        (found,) = self._rows("SELECT coalesce(min(incarnation), 0) AS low FROM command")
        return int(found.low)

    def _lowest_foreign(self) -> int:
        """Lives put aside from this number up to zero are those of other tenants."""
        return int(self.note(_FOREIGN_FROM) or 0)

    # -- commands ----------------------------------------------------------------------------

    def head(self) -> Head:
        """The last command's place and hash."""
        found = self._rows(
            "SELECT seq, hash FROM command WHERE incarnation = ? ORDER BY seq DESC LIMIT 1",
            self._incarnation,
        )
        return Head(found[0].seq, found[0].hash) if found else Head(0, FIRST_HASH)

    def append(self, envelope: Envelope) -> str:
        """Add a command to the end of the chain and give its hash.

        Raises Bug when it does not follow the last one.
        """
        head = self.head()
        if envelope.seq != head.seq + 1 or envelope.prev_hash != head.hash:
            message = f"command {envelope.seq} does not follow {head.seq}"
            raise Bug(message)
        body = canonical_json(envelope)
        made = envelope.digest()
        self._do(
            "INSERT INTO command (incarnation, seq, cmd_id, envelope, hash, business_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            envelope.incarnation,
            envelope.seq,
            envelope.cmd_id,
            body,
            made,
            time_to_text(envelope.business_at),
            CommandState.UNSENT.value,
        )
        for series, number in envelope.numbers.items():
            self.raise_number(series, number)
        return made

    def entries(self, *, after: int, limit: int = -1) -> list[Entry]:
        """The commands behind place `after`, in order; all of them unless `limit` is given."""
        found = self._rows(
            "SELECT envelope, hash, state, outcome, commit_seq FROM command"
            " WHERE incarnation = ? AND seq > ? ORDER BY seq LIMIT ?",
            self._incarnation,
            after,
            limit,
        )
        return [_entry(row) for row in found]

    def all_lives(self) -> list[Entry]:
        """The commands of all lives under this tenant, as they were made, each once.

        One that was carried over stands in several lives; the last of them knows most of it.
        """
        found = self._rows(
            "SELECT envelope, hash, state, outcome, commit_seq FROM command"
            " WHERE incarnation > 0 OR incarnation < ? ORDER BY rowid",
            self._lowest_foreign(),
        )
        entries = (_entry(row) for row in found)
        return list({entry.envelope.cmd_id: entry for entry in entries}.values())

    def command(self, cmd_id: str) -> Entry | None:
        """One command by its id, or None."""
        found = self._rows(
            "SELECT envelope, hash, state, outcome, commit_seq FROM command"
            " WHERE incarnation = ? AND cmd_id = ?",
            self._incarnation,
            cmd_id,
        )
        return _entry(found[0]) if found else None

    def first_unsent(self) -> int | None:
        """The place of the first command without an outcome, or None."""
        (found,) = self._rows(
            "SELECT min(seq) AS seq FROM command WHERE incarnation = ? AND state = 'unsent'",
            self._incarnation,
        )
        return None if found.seq is None else int(found.seq)

    def waiting(self, *, after: int = 0) -> Waiting:
        """What behind a place the server does not have yet, and since when the oldest waits."""
        (found,) = self._rows(
            "SELECT count(*) AS amount, min(business_at) AS oldest FROM command"
            " WHERE incarnation = ? AND state = 'unsent' AND seq > ?",
            self._incarnation,
            after,
        )
        oldest_at = time_from_text(found.oldest) if found.oldest else None
        return Waiting(found.amount, oldest_at, self.uploads.count())

    def store_outcomes(self, outcomes: Iterable[CommandOutcome]) -> int:
        """Keep what the server decided; give how many of them were news."""
        news = 0
        for one in outcomes:
            changed = self._connection.exec_driver_sql(
                "UPDATE command SET state = ?, outcome = ?, commit_seq = ?"
                " WHERE incarnation = ? AND cmd_id = ? AND state = ?",
                (
                    CommandState.DECIDED.value,
                    canonical_json(one.outcome),
                    one.commit_seq,
                    self._incarnation,
                    one.cmd_id,
                    CommandState.UNSENT.value,
                ),
            )
            news += changed.rowcount
        return news

    def forget_outcomes(self, *, after: int) -> None:
        """Hold commands behind place `after` for unsent again: the server went back in time."""
        self._do(
            "UPDATE command SET state = ?, outcome = NULL, commit_seq = NULL"
            " WHERE incarnation = ? AND seq > ?",
            CommandState.UNSENT.value,
            self._incarnation,
            after,
        )

    def prune(self, upto: int) -> int:
        """Forget what the server committed up to there, from the start of the chain; how many.

        The last command stays, whatever its age: the next one follows on from it. Of earlier lives
        the same goes, and what was carried over; of lives that were put aside, everything.
        """
        (kept,) = self._rows(
            "SELECT coalesce(min(seq), 0) AS seq FROM command WHERE incarnation = ?"
            " AND (commit_seq IS NULL OR commit_seq > ? OR seq = ?)",
            self._incarnation,
            upto,
            self.head().seq,
        )
        removed = self._connection.exec_driver_sql(
            "DELETE FROM command WHERE (incarnation = ? AND seq < ?) OR incarnation < 0"
            " OR (incarnation < ? AND (commit_seq <= ? OR (commit_seq IS NULL AND cmd_id NOT IN"
            " (SELECT cmd_id FROM command WHERE incarnation = ?))))",
            (self._incarnation, kept.seq, self._incarnation, upto, self._incarnation),
        )
        return removed.rowcount

    # -- counters ----------------------------------------------------------------------------

    def next_numbers(self, series: Iterable[str]) -> Mapping[str, int]:
        """The number that each series gives next; taken when a command with it is appended."""
        known = {row.name: row.last for row in self._rows("SELECT name, last FROM number_series")}
        return {name: known.get(name, 0) + 1 for name in series}

    def raise_number(self, series: str, last: int) -> None:
        """Let a series go on behind `last`, unless it is further already."""
        self._do(
            "INSERT INTO number_series VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)",
            series,
            last,
        )

    # -- drafts and notes --------------------------------------------------------------------

    def save_draft(self, slot: str, content: bytes | None, saved_at: datetime) -> None:
        """Keep unfinished work over a crash, in place of what the slot held; None forgets it."""
        if content is None:
            self._do("DELETE FROM draft WHERE slot = ?", slot)
            return
        text = time_to_text(saved_at)
        self._do("INSERT OR REPLACE INTO draft VALUES (?, ?, ?)", slot, content, text)

    def load_draft(self, slot: str) -> Draft | None:
        """The unfinished work of a slot, or None."""
        found = self._rows("SELECT content, saved_at FROM draft WHERE slot = ?", slot)
        if not found:
            return None
        return Draft(found[0].content, time_from_text(found[0].saved_at))

    def note(self, name: str) -> str | None:
        """A small value kept under a name, or None."""
        found = self._rows("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0].value) if found else None

    def set_note(self, name: str, value: str | None) -> None:
        """Keep a small value under a name; None removes it."""
        if value is None:
            self._do("DELETE FROM meta WHERE name = ?", name)
        else:
            self._do("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        msgspec.json.decode(row.envelope, type=Envelope),
        row.hash,
        CommandState(row.state),
        None if row.outcome is None else msgspec.json.decode(row.outcome, type=Outcome),
        row.commit_seq,
    )
