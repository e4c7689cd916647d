"""A tenant's change feed: log rows, digests and the head, written with the rows they tell of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.kernel.errors import Bug
from shared.kernel.messages import canonical_json
from shared.storage.base import Row, TableOf
from shared.storage.bulk import insert_rows
from shared.storage.changes import RowChange
from shared.sync.cursor import Cursor
from shared.sync.digest import MODULUS, from_signed, row_digest, to_signed
from shared.sync.protocol.pull import ScopeDigest
from sync_server.schema import CHANGE_LOG, SCOPE_DIGEST, SYNC_HEAD

_SCOPE_SETS_KEPT = 1_000
_MOVE_HEAD = (
    sa.update(SYNC_HEAD)
    .where(SYNC_HEAD.c.seq == sa.bindparam("to_seq") - 1)
    .values(seq=sa.bindparam("to_seq"))
)


def _make_add_digest() -> sa.Insert:
    """Adds to kept counts and sums; sums wrap at 64 bits, so the addition happens in numeric."""
    insert = postgresql.insert(SCOPE_DIGEST)
    kept, added = SCOPE_DIGEST.c, insert.excluded
    total = sa.cast(kept.digest_sum, sa.Numeric) + sa.cast(added.digest_sum, sa.Numeric)
    half = sa.literal_column(str(MODULUS // 2), sa.Numeric())
    modulus = sa.literal_column(str(MODULUS), sa.Numeric())
    wrapped = sa.func.mod(total + half + modulus, modulus) - half
    return insert.on_conflict_do_update(
        index_elements=[sa.literal_column("tenant_id"), kept.scope, kept.tbl],
        set_={
            "row_count": kept.row_count + added.row_count,
            "digest_sum": sa.cast(wrapped, sa.BigInteger),
        },
    )


_ADD_DIGEST = _make_add_digest()
_HEAD = sa.select(SYNC_HEAD)


def _make_set_digest() -> sa.Insert:
    insert = postgresql.insert(SCOPE_DIGEST)
    names = ("row_count", "digest_sum")
    return insert.on_conflict_do_update(
        index_elements=[sa.literal_column("tenant_id"), SCOPE_DIGEST.c.scope, SCOPE_DIGEST.c.tbl],
        set_={name: insert.excluded[name] for name in names},
    )


_SET_DIGEST = _make_set_digest()


@dataclass(frozen=True, slots=True)
class _Side:
    """One row on one side of a change: where it belongs and how it travels."""

    scope: str
    image: bytes
    digest: int


def head_of(connection: sa.Connection) -> Cursor:
    """The tenant's last commit. Raises Bug outside a tenant's transaction."""
    return head_and_log(connection)[0]


def log_from(connection: sa.Connection) -> int:
    """The commit from which on the log is whole; whoever stands before it starts over."""
    return head_and_log(connection)[1]


def head_and_log(connection: sa.Connection) -> tuple[Cursor, int]:
    """The last commit, and from which one on the log is whole. Raises Bug like `head_of`."""
    found = connection.execute(_HEAD).first()
    if found is None:
        message = "this tenant has no head"
        raise Bug(message)
    return Cursor(found.epoch, found.seq), found.log_from


def digests(connection: sa.Connection, scopes: Iterable[str] = ("*",)) -> tuple[ScopeDigest, ...]:
    """The kept counts and digests of a scope set, by table and scope."""
    return tuple(
        ScopeDigest(
            table=row.tbl,
            scope=row.scope,
            row_count=row.row_count,
            digest_sum=from_signed(row.digest_sum),
        )
        for row in connection.execute(_digests_of(tuple(scopes)))
    )


@lru_cache(_SCOPE_SETS_KEPT)
def _digests_of(scopes: tuple[str, ...]) -> sa.Select[Any]:
    c = SCOPE_DIGEST.c
    return sa.select(SCOPE_DIGEST).where(is_in(c.scope, scopes)).order_by(c.tbl, c.scope)


def is_in(column: sa.Column[str], scopes: Iterable[str]) -> sa.ColumnElement[bool]:
    """The condition that a row's scope is covered by a scope set, as `scopes.holds` has it."""
    exact = [scope for scope in scopes if not scope.endswith("*")]
    starts = [scope[:-1] for scope in scopes if scope.endswith("*")]
    return sa.or_(
        column.in_(exact), *(column.startswith(start, autoescape=True) for start in starts)
    )


def write(connection: sa.Connection, changes: Iterable[RowChange], *, seq: int) -> None:
    """Write log rows stamped with `seq` and bring the digests up to date."""
    log: list[dict[str, Any]] = []
    counts: dict[tuple[str, str], int] = defaultdict(int)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for change in changes:
        before, after = _side(change.table, change.before), _side(change.table, change.after)
        if before == after:
            continue
        if before is not None:
            counts[before.scope, change.table.name] -= 1
            sums[before.scope, change.table.name] -= before.digest
        if after is not None:
            counts[after.scope, change.table.name] += 1
            sums[after.scope, change.table.name] += after.digest
        log.extend(_entries(change, before, after))
    if log:
        stamped = [entry | {"seq": seq, "ord": ord_} for ord_, entry in enumerate(log)]
        insert_rows(connection, CHANGE_LOG, stamped)
        connection.execute(_ADD_DIGEST, _digest_rows(counts, sums))


def set_digest(connection: sa.Connection, right: ScopeDigest) -> None:
    """Replace a kept count and sum that were found to be wrong, under the tenant's lock."""
    row = {
        "scope": right.scope,
        "tbl": right.table,
        "row_count": right.row_count,
        "digest_sum": to_signed(right.digest_sum),
    }
    connection.execute(_SET_DIGEST, row)


def _entries(
    change: RowChange, before: _Side | None, after: _Side | None
) -> Iterator[dict[str, Any]]:
    """A put, a delete, or both where the row went over to another scope."""
    common = {"tbl": change.table.name, "key": canonical_json(change.key).decode()}
    if before is not None and (after is None or after.scope != before.scope):
        yield common | {"scope": before.scope, "op": "delete", "image": None, "digest": None}
    if after is not None:
        yield common | {
            "scope": after.scope,
            "op": "put",
            "image": after.image.decode(),
            "digest": to_signed(after.digest),
        }


def _digest_rows(
    counts: dict[tuple[str, str], int], sums: dict[tuple[str, str], int]
) -> Sequence[dict[str, Any]]:
    return [
        {
            "scope": scope,
            "tbl": table,
            "row_count": counts[scope, table],
            "digest_sum": to_signed(sums[scope, table] % MODULUS),
        }
        for scope, table in sorted(counts)
    ]


def _side(table: TableOf[Any], row: Row | None) -> _Side | None:
    if row is None or table.scope_of is None:
        return None
    image = table.image(row)
    return _Side(table.scope_of(row), image, row_digest(table.name, image))


def move_head(connection: sa.Connection, *, seq: int) -> None:
    """Make `seq` the tenant's last commit; the last statement before COMMIT.

    Raises Bug when somebody wrote without the tenant's lock.
    """
    if connection.execute(_MOVE_HEAD, {"to_seq": seq}).rowcount != 1:
        message = f"the head moved while commit {seq} was under way"
        raise Bug(message)
