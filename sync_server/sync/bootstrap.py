"""What a device that starts is offered: a file of all its rows, or the pages from the start."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

import sqlalchemy as sa

from migrations.replica import schema_fingerprint
from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.kernel.ids import TenantId
from shared.sync.cursor import Cursor
from shared.sync.protocol.bootstrap import BootstrapFile, BootstrapOffer, BootstrapState
from shared.sync.protocol.pull import TableChanges
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.scopes import holds, scopes_for, shareable
from sync_server import command_log, feed
from sync_server.auth import links
from sync_server.auth.tokens import Identity
from sync_server.bootstrap_files import all_files, name_at, shelf_of
from sync_server.database import Database
from sync_server.objects import ObjectStore
from sync_server.schema import CHANGE_LOG
from sync_server.sync.pull import rows_at

LONGEST_TAIL = 0.1
"""Of the rows: with more changes behind it a file is made anew."""
OLDEST = timedelta(hours=24)
WAIT_SECONDS = 2
LOOKED_AGAIN = timedelta(minutes=1)
"""How long one look at the changes behind a file is good for: hundreds may start at once."""
_MOST_LOOKS = 10_000
MOST_BESIDE = 5_000
"""Rows that travel with an offer: a device's own scope is a few rows, not its sales."""
_log = logging.getLogger(__name__)

AskForFile = Callable[[TenantId, Sequence[str]], bool]
"""Asks for a file; whether it can be expected soon."""


@dataclass(frozen=True, slots=True)
class Bootstraps:
    """Answers devices that start; a file that is missing or old is asked for, never made here.

    A file holds what `shareable` leaves of a device's scopes, so that all tills of a location start
    from the same one. No connection to the database is held while the object store is asked.
    """

    database: Database
    clock: Clock
    objects: ObjectStore
    ask_for: AskForFile
    fewest_rows: int
    shareable: Callable[[Sequence[str]], tuple[str, ...]] = shareable
    _looks: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    """By signature of the file: when it was looked at, and whether it was fresh."""

    def offer(self, identity: Identity, *, schema: str) -> BootstrapOffer:
        """What a device with the tables that `schema` names should do.

        Raises Rejected: device_unknown or device_revoked, and Unavailable.
        """
        with self.database.tenant_snapshot(identity.tenant_id) as connection:
            scopes = _scopes(connection, identity)
            rows = sum(each.row_count for each in feed.digests(connection, scopes))
        if schema != schema_fingerprint() or rows < self.fewest_rows:
            return _offer(BootstrapState.BY_PAGES)
        files = all_files(self.objects, self._shelf(identity.tenant_id, scopes))
        with self.database.tenant_snapshot(identity.tenant_id) as connection:
            newest = _usable(connection, files)
            is_coming = True
            if newest is None or not self._is_fresh(connection, newest, rows=rows):
                is_coming = self.ask_for(identity.tenant_id, self.shareable(scopes))
            if newest is not None:
                return _ready(connection, identity, newest, scopes=scopes)
        if is_coming:
            return _offer(BootstrapState.BUILDING, wait_seconds=WAIT_SECONDS)
        return _offer(BootstrapState.BY_PAGES)

    def open(self, identity: Identity, *, cursor: str) -> BinaryIO:
        """The file at `cursor` of the device's own tenant and scopes.

        Raises Rejected: bootstrap_gone when there is none (any more), cursor_malformed,
        device_unknown or device_revoked, and Unavailable.
        """
        at = Cursor.parse(cursor)
        with self.database.tenant_snapshot(identity.tenant_id) as connection:
            scopes = _scopes(connection, identity)
            head = feed.head_of(connection)
        found = None
        if at.epoch == head.epoch and at.seq <= head.seq:
            found = self.objects.open(name_at(self._shelf(identity.tenant_id, scopes), at))
        if found is None:
            raise Rejected("bootstrap_gone", cursor=cursor)
        return found

    def _shelf(self, tenant_id: TenantId, scopes: Sequence[str]) -> str:
        return shelf_of(tenant_id, self.shareable(scopes), schema_fingerprint())

    def _is_fresh(self, connection: sa.Connection, file: BootstrapFile, *, rows: int) -> bool:
        now = self.clock.now()
        looked_at, was_fresh = self._looks.get(file.signature, (None, False))
        if looked_at is None or now - looked_at > LOOKED_AGAIN:
            is_young = abs(now - file.made_at) <= OLDEST
            was_fresh = is_young and _has_short_tail(connection, file, rows)
            self._looks[file.signature] = now, was_fresh
            if len(self._looks) > _MOST_LOOKS:
                self._looks.pop(next(iter(self._looks)), None)
        return was_fresh


def _has_short_tail(connection: sa.Connection, file: BootstrapFile, rows: int) -> bool:
    """Whether few enough changes lie behind the file."""
    most = int(rows * LONGEST_TAIL)
    behind = sa.select(CHANGE_LOG.c.seq).where(CHANGE_LOG.c.seq > Cursor.parse(file.cursor).seq)
    counted = sa.select(sa.func.count()).select_from(behind.limit(most + 1).subquery())
    return int(connection.execute(counted).scalar_one()) <= most


def _usable(connection: sa.Connection, files: Iterable[BootstrapFile]) -> BootstrapFile | None:
    """The newest file of the history that the tenant is in now, with all that followed it."""
    head, log_from = feed.head_and_log(connection)
    for file in files:
        at = Cursor.parse(file.cursor)
        if at.epoch == head.epoch and log_from <= at.seq <= head.seq:
            return file
    return None


def _ready(
    connection: sa.Connection, identity: Identity, file: BootstrapFile, *, scopes: Sequence[str]
) -> BootstrapOffer:
    """The file with what it lacks of the device's rows; pages where that is too much."""
    upto = Cursor.parse(file.cursor).seq
    link = links.require(connection, identity.device_id)
    alone = [scope for scope in scopes if not holds(file.scopes, scope)]
    beside = rows_at(connection, alone, upto=upto, most=MOST_BESIDE) if alone else ()
    if beside is None:
        _log.error("a device of %s has too many rows of its own for a file", identity.tenant_id)
        return _offer(BootstrapState.BY_PAGES)
    acked_seq = command_log.last_seq(
        connection, link.device_id, incarnation=link.incarnation, upto=upto
    )
    return _offer(BootstrapState.READY, file=file, acked_seq=acked_seq, beside=beside)


def _scopes(connection: sa.Connection, identity: Identity) -> tuple[str, ...]:
    device = links.require_admitted(connection, identity.device_id)
    return scopes_for(device.workspace, device.location_id, device.register_id)


def _offer(
    state: BootstrapState,
    *,
    file: BootstrapFile | None = None,
    acked_seq: int = 0,
    wait_seconds: int = 0,
    beside: tuple[TableChanges, ...] = (),
) -> BootstrapOffer:
    return BootstrapOffer(
        protocol=PROTOCOL_VERSION,
        state=state,
        file=file,
        acked_seq=acked_seq,
        wait_seconds=wait_seconds,
        beside=beside,
    )
