"""Narrowing a difference between a replica and its server down to rows, and putting those right.

All but the pages that `repair_pages` makes only reads. These are applied as any other page is:
pending effects are taken off, confirmed rows replaced, pending commands run again. So nothing is
wiped, and the journal is not touched.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import sqlalchemy as sa

from shared.kernel.errors import Unavailable
from shared.kernel.ids import DeviceId
from shared.storage.base import Key
from shared.storage.images import image_table
from shared.sync.apply import held_digests
from shared.sync.confirmed import Breath, ScopeTable, Sum, confirmed_rows, no_rest
from shared.sync.cursor import Cursor
from shared.sync.digest import row_digest
from shared.sync.protocol.pull import PullPage, TableChanges
from shared.sync.protocol.verify import RangeSum, VerifyReply, VerifyRequest
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.ranges import RangeSums, range_of
from shared.sync.replica import ReplicaState, read_state

MOVED_ON = "replica_moved_on"
"""Unavailable: the replica is not at the cursor any more at which it was compared."""
KEYS_NOTED = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """What a replica holds of one table in one scope at `cursor`: recounted, and as it was kept."""

    place: ScopeTable
    cursor: Cursor
    ranges: tuple[RangeSum, ...]
    total: Sum
    kept: Sum

    def request(self, ranges: Iterable[int], *, limit: int) -> VerifyRequest:
        """The question to the server about those ranges."""
        wanted = frozenset(ranges)
        scope, table = self.place
        return VerifyRequest(
            protocol=PROTOCOL_VERSION,
            cursor=str(self.cursor),
            table=table,
            scope=scope,
            ranges=tuple(each for each in self.ranges if each.range in wanted),
            limit=limit,
        )


def count_place(connection: sa.Connection, place: ScopeTable, breathe: Breath = no_rest) -> Counted:
    """Count what a replica holds of one table in one scope, by ranges of keys."""
    scope, table = place
    state = _standing(connection)
    kept = held_digests(connection).get(place, (0, 0))
    sums = RangeSums()
    for key, found, image in confirmed_rows(connection, table, breathe):
        if found == scope:
            sums.add(range_of(table, key), row_digest(table, image))
    total = (sums.row_count, sums.digest_sum)
    return Counted(place, state.cursor, sums.sums(), total, kept)


def _standing(connection: sa.Connection) -> ReplicaState:
    state = read_state(connection)
    if state is None:
        raise Unavailable(MOVED_ON)
    return state


@dataclass(slots=True)
class Difference:
    """The rows in which a replica differs from its server, in ranges that were answered whole.

    `puts` are the server's images, `deletes` keys that it does not have. `columns` names what was
    different in rows that both have; `key_hashes` tells some of the rows apart without naming them.
    """

    place: ScopeTable
    puts: list[msgspec.Raw] = field(default_factory=list)
    deletes: list[Key] = field(default_factory=list)
    changed: int = 0
    missing: int = 0
    columns: set[str] = field(default_factory=set)
    key_hashes: list[str] = field(default_factory=list)

    def _note(self, key: Key) -> None:
        if len(self.key_hashes) < KEYS_NOTED:
            text = "\x1f".join((self.place[1], *key))
            self.key_hashes.append(hashlib.sha256(text.encode()).hexdigest()[:16])

    def add_changed(self, key: Key, theirs: msgspec.Raw, ours: bytes) -> None:
        """A row that both have, but not alike."""
        self.changed += 1
        self.puts.append(theirs)
        self.columns |= differing_columns(bytes(theirs), ours)
        self._note(key)

    def add_missing(self, key: Key, theirs: msgspec.Raw) -> None:
        """A row that only the server has."""
        self.missing += 1
        self.puts.append(theirs)
        self._note(key)

    def add_surplus(self, key: Key) -> None:
        """A row that only the replica has."""
        self.deletes.append(key)
        self._note(key)


def differing_columns(one: bytes, other: bytes) -> set[str]:
    """The names of the columns in which two images of a row differ."""
    ours, theirs = (_columns_of(image) for image in (one, other))
    return {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}


def _columns_of(image: bytes) -> Mapping[str, bytes]:
    try:
        found = msgspec.json.decode(image, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        # A column that holds JSON may be damaged so that it is none any more.
        return {}
    return {name: bytes(value) for name, value in found.items()}


def compare_rows(
    connection: sa.Connection,
    counted: Counted,
    reply: VerifyReply,
    *,
    breathe: Breath = no_rest,
) -> Difference:
    """Find the rows that differ in ranges that the server answered.

    Rows that changed on the server since then are left alone: the next page brings them.

    Raises Unavailable("replica_moved_on") when the replica is at another cursor than it was.
    """
    if _standing(connection).cursor != counted.cursor:
        raise Unavailable(MOVED_ON)
    scope, table = counted.place
    images = image_table(table)
    ranges = {each.range for each in reply.rows}
    changed = frozenset(reply.changed)
    theirs: dict[Key, msgspec.Raw] = {}
    for each in reply.rows:
        for put in each.puts:
            theirs[images.key_of(images.read(put)[0])] = put
    found = Difference(counted.place)
    for key, own_scope, image in confirmed_rows(connection, table, breathe):
        if own_scope != scope or key in changed or range_of(table, key) not in ranges:
            continue
        wanted = theirs.pop(key, None)
        if wanted is None:
            found.add_surplus(key)
        elif bytes(wanted) != image:
            found.add_changed(key, wanted, image)
    for key, put in theirs.items():
        found.add_missing(key, put)
    return found


def repair_pages(
    found: Difference, state: ReplicaState, *, at: datetime, limit: int
) -> Iterator[PullPage]:
    """Pages that put the rows of a difference right and leave the cursor where it is."""
    puts, deletes = found.puts, found.deletes
    while puts or deletes:
        some, puts = puts[:limit], puts[limit:]
        room = limit - len(some)
        gone, deletes = deletes[:room], deletes[room:]
        changes = TableChanges(table=found.place[1], puts=tuple(some), deletes=tuple(gone))
        yield _page(state, changes, at=at)


def _page(state: ReplicaState, changes: TableChanges, *, at: datetime) -> PullPage:
    return PullPage(
        protocol=PROTOCOL_VERSION,
        device_id=DeviceId(state.device_id),
        from_cursor=str(state.cursor),
        to_cursor=str(state.cursor),
        is_last=False,
        tables=(changes,),
        acked_seq=state.acked_seq,
        outcomes=(),
        digests=(),
        server_time=at,
    )


def still_to_fetch(reply: VerifyReply) -> frozenset[int]:
    """The ranges that differ and did not fit into the answer."""
    answered = {each.range for each in reply.rows}
    return frozenset(each.range for each in reply.differing) - answered
