"""Applying a page of server rows to a replica, below the effects of commands still pending."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import msgspec
import sqlalchemy as sa

from shared.kernel.messages import Envelope
from shared.storage.base import Key
from shared.storage.changes import ChangeSet, change_set
from shared.storage.images import (
    ImageTable,
    Values,
    delete_keys,
    image_table,
    is_declared,
    stored_values,
    upsert_values,
)
from shared.sync.cursor import Cursor
from shared.sync.digest import MODULUS, from_signed, row_digest, to_signed
from shared.sync.protocol.pull import PullPage, ScopeDigest, TableChanges
from shared.sync.rebase import Place, rerun_all
from shared.sync.replica import (
    ReplicaState,
    key_from_text,
    key_text,
    take_off_pending,
    touched_keys,
    write_state,
)

_Spot = tuple[str, Key]
_Sum = tuple[int, int]
_ScopeTable = tuple[str, str]


_MOST_COMPARED = 20_000
"""With more rows under pending commands screens look anew instead of being told which rows changed:
to keep all of them twice took half a gigabyte after a month offline."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a page did: the state after it, what screens see differently, where digests disagree.

    `mismatches` are (scope, table) pairs and come with a last page only.
    """

    state: ReplicaState
    changes: ChangeSet
    mismatches: tuple[_ScopeTable, ...]
    row_count: int


@dataclass(slots=True)
class _Progress:
    """What has been found out while one page is applied."""

    before: dict[_Spot, Values | None] = field(default_factory=dict)
    after: dict[_Spot, Values | None] = field(default_factory=dict)
    counts: dict[_ScopeTable, int] = field(default_factory=lambda: defaultdict(int))
    sums: dict[_ScopeTable, int] = field(default_factory=lambda: defaultdict(int))
    row_count: int = 0
    skipped: int = 0

    def take(self, images: ImageTable, old: Values | None, *, aside: bytes | None) -> None:
        """Take the row as it was from the digest of its scope."""
        scope = None if old is None else images.scope_of(old)
        if old is None or scope is None:
            return
        place = (scope, images.table.name)
        self.counts[place] -= 1
        self.sums[place] -= row_digest(images.table.name, aside or images.image(old))

    def add(self, images: ImageTable, values: Values, *, image: bytes) -> None:
        """Add the row as it is now to the digest of its scope."""
        scope = images.scope_of(values)
        if scope is None:
            return
        place = (scope, images.table.name)
        self.counts[place] += 1
        self.sums[place] += row_digest(images.table.name, image)


def follows(state: ReplicaState, page: PullPage) -> bool:
    """Whether a page goes on exactly where the replica stands; a repeated or late one does not."""
    return page.device_id == state.device_id and page.from_cursor == str(state.cursor)


def apply_page(
    connection: sa.Connection,
    page: PullPage,
    *,
    state: ReplicaState,
    pending: Sequence[Envelope],
    place: Place,
) -> Applied:
    """Bring the replica to the page's cursor and run `pending` again on top.

    Everything happens in the caller's transaction. Pending effects are taken off first, so that
    digests see confirmed rows only. While the first fill is under way pending commands wait for
    its last page: on half the rows they would only fail.
    """
    progress = _Progress()
    spots = touched_keys(connection)
    is_much = sum(map(len, spots.values())) > _MOST_COMPARED
    visible = {} if is_much else _visible(connection, spots)
    take_off_pending(connection)
    for changes in page.tables:
        _apply_table(connection, changes, progress)
    _write_digests(connection, progress)
    is_filled = state.is_filled or page.is_last
    rerun = rerun_all(connection, pending, place) if is_filled else set[_Spot]()
    mismatches = _compare(connection, page.digests) if page.is_last else ()
    last_pending = max((envelope.seq for envelope in pending), default=page.acked_seq)
    state = replace(
        state,
        cursor=Cursor.parse(page.to_cursor),
        acked_seq=page.acked_seq,
        applied_local_seq=max(last_pending, page.acked_seq),
        is_filled=is_filled,
        verified_at=page.server_time if page.is_last and not mismatches else state.verified_at,
        skipped_rows=state.skipped_rows + progress.skipped,
    )
    write_state(connection, state)
    if is_much:
        changed = _anything_of(progress, spots, rerun)
    else:
        changed = change_set(_seen_differently(connection, progress, visible=visible, rerun=rerun))
    return Applied(state, changed, mismatches, progress.row_count)


def add_rows(connection: sa.Connection, tables: Iterable[TableChanges]) -> None:
    """Bring rows and their digests into a replica that nobody works on yet."""
    progress = _Progress()
    for changes in tables:
        _apply_table(connection, changes, progress)
    _write_digests(connection, progress)


def _anything_of(progress: _Progress, spots: Iterable[str], rerun: AbstractSet[_Spot]) -> ChangeSet:
    """Any row of the tables that were touched."""
    names = {name for name, _key in progress.after.keys() | rerun} | set(spots)
    return ChangeSet({name: frozenset() for name in names})


def _visible(
    connection: sa.Connection, spots: Mapping[str, Sequence[Key]]
) -> dict[_Spot, Values | None]:
    found: dict[_Spot, Values | None] = {}
    for name, keys in spots.items():
        stored = stored_values(connection, image_table(name), keys)
        found |= {(name, key): stored.get(key) for key in keys}
    return found


# -- rows --------------------------------------------------------------------------------------


def _apply_table(connection: sa.Connection, changes: TableChanges, progress: _Progress) -> None:
    if not is_declared(changes.table):
        progress.skipped += len(changes.puts)
        return
    progress.row_count += len(changes.puts) + len(changes.deletes)
    images = image_table(changes.table)
    fresh: dict[Key, tuple[Values, msgspec.Raw, bool]] = {}
    for image in changes.puts:
        values, is_exact = images.read(image)
        fresh[images.key_of(values)] = (values, image, is_exact)
    gone = [key for key in changes.deletes if key not in fresh]
    keys = [*fresh, *gone]
    stored = stored_values(connection, images, keys)
    aside = _aside_images(connection, images, keys)
    rows: list[Values] = []
    put_aside: list[tuple[Key, msgspec.Raw]] = []
    for key, (values, image, is_exact) in fresh.items():
        old = stored.get(key)
        if not is_exact:
            put_aside.append((key, image))
        elif old == values and key not in aside:
            continue
        progress.take(images, old, aside=aside.get(key))
        progress.add(images, values, image=bytes(image))
        rows.append(values)
        progress.before.setdefault((changes.table, key), old)
        progress.after[changes.table, key] = values
    for key in gone:
        old = stored.get(key)
        progress.take(images, old, aside=aside.get(key))
        progress.before.setdefault((changes.table, key), old)
        progress.after[changes.table, key] = None
    upsert_values(connection, images, rows)
    delete_keys(connection, images, gone)
    _replace_aside(connection, images, before=aside, now=put_aside)


# -- images with columns that this release does not know ---------------------------------------


def _aside_images(
    connection: sa.Connection, images: ImageTable, keys: Iterable[Key]
) -> dict[Key, bytes]:
    """Images put aside under those keys."""
    name = images.table.name
    probe = "SELECT 1 FROM aside_image WHERE tbl = ? LIMIT 1"
    if connection.exec_driver_sql(probe, (name,)).first() is None:
        return {}
    wanted = msgspec.json.encode([key_text(key) for key in keys]).decode()
    found = connection.exec_driver_sql(
        "SELECT key, image FROM aside_image"
        " WHERE tbl = ? AND key IN (SELECT value FROM json_each(?))",
        (name, wanted),
    )
    return {key_from_text(key): image for key, image in found}


def _replace_aside(
    connection: sa.Connection,
    images: ImageTable,
    *,
    before: Mapping[Key, bytes],
    now: Sequence[tuple[Key, msgspec.Raw]],
) -> None:
    name = images.table.name
    if before:
        connection.exec_driver_sql(
            "DELETE FROM aside_image WHERE tbl = ? AND key = ?",
            [(name, key_text(key)) for key in before],
        )
    if now:
        connection.exec_driver_sql(
            "INSERT INTO aside_image VALUES (?, ?, ?)",
            [(name, key_text(key), bytes(image)) for key, image in now],
        )


# -- digests -----------------------------------------------------------------------------------


def held_digests(connection: sa.Connection) -> dict[_ScopeTable, _Sum]:
    """Row count and digest sum of the confirmed rows by (scope, table), without empty ones."""
    found = connection.exec_driver_sql("SELECT scope, tbl, row_count, digest_sum FROM digest")
    return {(scope, tbl): (count, from_signed(kept)) for scope, tbl, count, kept in found if count}


def _write_digests(connection: sa.Connection, progress: _Progress) -> None:
    if not progress.counts:
        return
    held = held_digests(connection)
    rows = []
    for place in progress.counts:
        count, total = held.get(place, (0, 0))
        total = (total + progress.sums[place]) % MODULUS
        rows.append((*place, count + progress.counts[place], to_signed(total)))
    connection.exec_driver_sql("INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?)", rows)


def _compare(connection: sa.Connection, digests: Iterable[ScopeDigest]) -> tuple[_ScopeTable, ...]:
    """Where the server's digests differ from ours; tables unknown here are left out."""
    theirs = {
        (digest.scope, digest.table): (digest.row_count, digest.digest_sum % MODULUS)
        for digest in digests
        if digest.row_count and is_declared(digest.table)
    }
    ours = held_digests(connection)
    places = theirs.keys() | ours.keys()
    differing = tuple(sorted(place for place in places if theirs.get(place) != ours.get(place)))
    connection.exec_driver_sql("DELETE FROM digest_mismatch")
    if differing:
        connection.exec_driver_sql("INSERT INTO digest_mismatch VALUES (?, ?)", list(differing))
    return differing


# -- what screens see --------------------------------------------------------------------------


def _seen_differently(
    connection: sa.Connection,
    progress: _Progress,
    *,
    visible: Mapping[_Spot, Values | None],
    rerun: AbstractSet[_Spot],
) -> list[_Spot]:
    """The rows that look different now; an echo of our own command leaves nothing here."""
    touched: dict[str, list[Key]] = {}
    for name, key in rerun | visible.keys():
        touched.setdefault(name, []).append(key)
    now = _visible(connection, touched)
    different = [
        spot
        for spot, before in progress.before.items()
        if spot not in now and before != progress.after[spot]
    ]
    for spot, after in now.items():
        if spot in visible:
            before = visible[spot]
        elif spot in progress.before:
            before = progress.before[spot]
        else:
            different.append(spot)
            continue
        if before != after:
            different.append(spot)
    return different
