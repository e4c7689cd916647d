"""Verify: a device's sums by ranges of keys against the rows themselves, and the rows that differ.

What the server keeps as counts and sums is checked on the way: a kept sum that is wrong would make
every device look for a difference that is not there.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId
from shared.storage.base import Key, TableOf, table_named, tables_in_order
from shared.sync.cursor import Cursor
from shared.sync.digest import row_digest
from shared.sync.endpoint import OTHER_EPOCH, TOO_OLD
from shared.sync.protocol.pull import ScopeDigest
from shared.sync.protocol.verify import (
    MOST_ROWS,
    MOST_UNSETTLED,
    RANGES,
    RangeRows,
    RangeSum,
    VerifyReply,
    VerifyRequest,
)
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.ranges import SEPARATOR, RangeSums, range_of
from shared.sync.scopes import holds, scopes_for
from sync_server import feed
from sync_server.auth import links
from sync_server.auth.tokens import Identity
from sync_server.database import Database
from sync_server.schema import CHANGE_LOG

_log = logging.getLogger(__name__)
_STREAMED = {"stream_results": True, "yield_per": 1000}
_C = CHANGE_LOG.c
_ENOUGH_CHANGES = 20_000
"""With more rows changed since the device's cursor, it had better pull first."""


@dataclass(frozen=True, slots=True)
class _KeptWrong:
    """A kept count and sum that are not those of the rows as they were at `head`."""

    scope: str
    table: str
    kept: tuple[int, int]
    counted: tuple[int, int]
    head: Cursor


@dataclass(slots=True)
class Verifying:
    """Answers one device of this process at a time: each answer reads a whole table.

    Others are told that the server is busy. They come back later and pull first, so that a sum put
    right for one of them needs no recount for the next.
    """

    _turn: threading.Lock = field(default_factory=threading.Lock)

    def verify(self, database: Database, identity: Identity, request: VerifyRequest) -> VerifyReply:
        """Compare one table in one scope.

        Raises Rejected: device_unknown, device_revoked, cursor_malformed, body_malformed,
        cursor_from_other_epoch or cursor_too_old; Unavailable("server_busy").
        """
        with self._own_turn():
            reply, wrong = _compare(database, identity, request)
            if wrong is not None:
                _correct(database, identity.tenant_id, wrong)
            return reply

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        if not self._turn.acquire(blocking=False):
            raise Unavailable("server_busy")
        try:
            yield
        finally:
            self._turn.release()


def _compare(
    database: Database, identity: Identity, request: VerifyRequest
) -> tuple[VerifyReply, _KeptWrong | None]:
    cursor, table = Cursor.parse(request.cursor), _table(request.table)
    theirs = _named_once(request.ranges)
    with database.tenant_snapshot(identity.tenant_id) as connection:
        device = links.require_admitted(connection, identity.device_id)
        head = feed.head_of(connection)
        if cursor.epoch != head.epoch or cursor.seq > head.seq:
            raise Rejected(OTHER_EPOCH, field="cursor", head=str(head))
        if cursor.seq < feed.log_from(connection):
            # What left since then is not in the log any more.
            raise Rejected(TOO_OLD, field="cursor", head=str(head))
        scopes = scopes_for(device.workspace, device.location_id, device.register_id)
        # What a device holds outside its scopes is to go: there the server has nothing for it.
        place = _Place(connection, table, request.scope, is_empty=not holds(scopes, request.scope))
        changed = place.changed_after(cursor, head)
        unsettled = changed.keys() & theirs.keys()
        sums = place.sums(theirs.keys())
        differing = [
            ours
            for ours in sums.sums(sorted(theirs.keys() - unsettled))
            if ours != theirs[ours.range]
        ]
        reply = VerifyReply(
            protocol=PROTOCOL_VERSION,
            cursor=str(head),
            table=request.table,
            scope=request.scope,
            unsettled=tuple(sorted(unsettled)),
            changed=tuple(key for each in sorted(unsettled) for key in changed[each]),
            differing=tuple(differing),
            rows=place.rows(
                [*_few(unsettled), *_as_many_as_fit(differing, request.limit)], changed
            ),
        )
        wrong = place.kept_wrong(sums, head) if len(theirs) == RANGES else None
    return reply, wrong


def _table(name: str) -> TableOf[Any]:
    table = next((table for table in tables_in_order() if table.name == name), None)
    if table is None or table.scope_of is None:
        raise Rejected("body_malformed", field="table", detail=f"no table {name} travels")
    return table


def _named_once(ranges: Sequence[RangeSum]) -> dict[int, RangeSum]:
    named = {each.range: each for each in ranges}
    if len(named) != len(ranges):
        raise Rejected("body_malformed", field="ranges", detail="a range is named twice")
    return named


def _few(unsettled: Collection[int]) -> list[int]:
    """The unsettled ranges, unless they are too many."""
    return sorted(unsettled) if len(unsettled) <= MOST_UNSETTLED else []


def _as_many_as_fit(differing: Sequence[RangeSum], limit: int) -> list[int]:
    """The first ranges whose rows come to about the limit, at least one."""
    fitting: list[int] = []
    room = min(limit, MOST_ROWS)
    for each in differing:
        if fitting and each.row_count > room:
            break
        fitting.append(each.range)
        room -= each.row_count
    return fitting


@dataclass(frozen=True, slots=True)
class _Place:
    """One table in one scope, as a snapshot has it."""

    connection: sa.Connection
    table: TableOf[Any]
    scope: str
    is_empty: bool

    def changed_after(self, cursor: Cursor, head: Cursor) -> dict[int, set[Key]]:
        """The keys of rows that came, changed or left after a cursor, by range.

        All ranges, without their keys, when they are too many.
        """
        found: dict[int, set[Key]] = defaultdict(set)
        if self.is_empty or cursor == head:
            return found
        wanted = (
            sa.select(_C.key)
            .where(_C.scope == self.scope, _C.seq > cursor.seq, _C.tbl == self.table.name)
            .limit(_ENOUGH_CHANGES)
        )
        keys = self.connection.execute(wanted).scalars().all()
        if len(keys) == _ENOUGH_CHANGES:
            return {place: set() for place in range(RANGES)}
        for text in keys:
            key = msgspec.json.decode(text, type=Key)
            found[range_of(self.table.name, key)].add(key)
        return found

    def sums(self, ranges: Collection[int]) -> RangeSums:
        """Counts and sums of those ranges, made from the rows themselves."""
        sums = RangeSums()
        for place, _key, image in self._images(ranges):
            sums.add(place, row_digest(self.table.name, image))
        return sums

    def rows(
        self, ranges: Collection[int], changed: Mapping[int, Collection[Key]]
    ) -> tuple[RangeRows, ...]:
        """All rows of those ranges but the ones that changed."""
        found: dict[int, list[msgspec.Raw]] = {place: [] for place in ranges}
        for place, key, image in self._images(ranges) if ranges else ():
            if key not in changed.get(place, ()):
                found[place].append(msgspec.Raw(image))
        return tuple(RangeRows(range=place, puts=tuple(puts)) for place, puts in found.items())

    def _images(self, ranges: Collection[int]) -> Iterator[tuple[int, Key, bytes]]:
        """Range, key and image of every row of the scope in those ranges."""
        table, scope_of = self.table, self.table.scope_of
        if self.is_empty or scope_of is None:
            return
        wanted = sa.select(table.table)
        if len(ranges) < RANGES:
            wanted = wanted.where(_range_expression(table).in_(sorted(ranges)))
        for values in self.connection.execute(wanted, execution_options=_STREAMED):
            row = table.from_values(values)
            if scope_of(row) == self.scope:
                key = table.key_of(row)
                yield range_of(table.name, key), key, table.image(row)

    def kept_wrong(self, sums: RangeSums, head: Cursor) -> _KeptWrong | None:
        """How the kept count and sum of the place differ from those of its rows, if they do."""
        if self.is_empty:
            return None
        kept = _kept(self.connection, self.scope, self.table.name)
        counted = (sums.row_count, sums.digest_sum)
        if kept == counted or (kept[0], counted[0]) == (0, 0):
            return None
        return _KeptWrong(self.scope, self.table.name, kept, counted, head)


def _range_expression(table: TableOf[Any]) -> sa.ColumnElement[int]:
    """`range_of` as PostgreSQL computes it."""
    parts = (sa.cast(table.c[name], sa.Text) for name in table.key)
    text = sa.func.concat_ws(SEPARATOR, table.name, *parts)
    hashed = sa.func.sha256(sa.func.convert_to(text, "UTF8"))
    return sa.func.get_byte(hashed, 0, type_=sa.Integer)


def _kept(connection: sa.Connection, scope: str, table: str) -> tuple[int, int]:
    for each in feed.digests(connection, (scope,)):
        if each.table == table:
            return each.row_count, each.digest_sum
    return 0, 0


def _correct(database: Database, tenant_id: TenantId, wrong: _KeptWrong) -> None:
    """Put a kept count and sum right, unless somebody has written to that place meanwhile.

    Then the next device that asks finds it again.
    """
    _log.error(
        "tenant %s: kept digest of %s in %s was %s, its rows come to %s; it is put right",
        tenant_id,
        wrong.table,
        wrong.scope,
        wrong.kept,
        wrong.counted,
    )
    with database.tenant_transaction(tenant_id) as unit:
        place = _Place(unit.connection, table_named(wrong.table), wrong.scope, is_empty=False)
        is_same = _kept(unit.connection, wrong.scope, wrong.table) == wrong.kept
        if is_same and not place.changed_after(wrong.head, unit.head):
            row_count, digest_sum = wrong.counted
            right = ScopeDigest(
                table=wrong.table, scope=wrong.scope, row_count=row_count, digest_sum=digest_sum
            )
            feed.set_digest(unit.connection, right)
