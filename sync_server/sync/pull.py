"""Pull: the change log in pages that end at commits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.storage.base import tables_in_order
from shared.sync.cursor import START, Cursor
from shared.sync.endpoint import OTHER_EPOCH, TOO_OLD
from shared.sync.protocol.pull import PullPage, TableChanges
from shared.sync.protocol.version import PROTOCOL_VERSION
from shared.sync.scopes import scopes_for
from sync_server import command_log, feed
from sync_server.auth import links
from sync_server.auth.links import DeviceLink
from sync_server.auth.tokens import Identity
from sync_server.database import Database
from sync_server.schema import CHANGE_LOG

HIGHEST_LIMIT = 20_000
_SCOPE_SETS_KEPT = 1_000
_C = CHANGE_LOG.c
_LOG: sa.Select[Any] = sa.select(_C.seq, _C.ord, _C.tbl, _C.key, _C.image)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Log rows of whole commits, and where they end."""

    rows: Sequence[sa.Row[Any]]
    upto: int
    is_last: bool


def pull(
    database: Database,
    clock: Clock,
    identity: Identity,
    *,
    cursor: str,
    limit: int,
    filled_from: int | None = None,
) -> PullPage:
    """The changes after `cursor` in the device's scopes, about `limit` rows of them.

    A commit is never cut: one with more rows than `limit` travels whole. `filled_from` is the
    `log_from` that a device which began at the start was told.

    Raises Rejected: device_unknown, device_revoked, cursor_malformed, limit_wrong,
    cursor_from_other_epoch or cursor_too_old.
    """
    after = Cursor.parse(cursor)
    if not 0 < limit <= HIGHEST_LIMIT:
        raise Rejected("limit_wrong", field="limit", highest=HIGHEST_LIMIT)
    with database.tenant_snapshot(identity.tenant_id) as connection:
        device = links.require_admitted(connection, identity.device_id)
        link = links.require(connection, identity.device_id)
        head, log_from = feed.head_and_log(connection)
        if after != START:
            _require_known(after, head, log_from=0 if log_from == filled_from else log_from)
        scopes = scopes_for(device.workspace, device.location_id, device.register_id)
        stretch = stretch_of(connection, scopes, after=after.seq, head=head.seq, limit=limit)
        return PullPage(
            protocol=PROTOCOL_VERSION,
            device_id=identity.device_id,
            from_cursor=str(after),
            to_cursor=str(Cursor(head.epoch, stretch.upto)),
            is_last=stretch.is_last,
            tables=_tables(stretch.rows),
            acked_seq=_acked_seq(connection, link, stretch),
            outcomes=command_log.committed_between(
                connection,
                link.device_id,
                incarnation=link.incarnation,
                after=after.seq,
                upto=stretch.upto,
            ),
            digests=feed.digests(connection, scopes) if stretch.is_last else (),
            server_time=clock.now(),
            log_from=log_from,
        )


def _require_known(after: Cursor, head: Cursor, *, log_from: int) -> None:
    """Refuse a place in another history, or one before the log is whole."""
    if after.epoch != head.epoch or after.seq > head.seq:
        raise Rejected(OTHER_EPOCH, field="cursor", head=str(head))
    if after.seq < log_from:
        raise Rejected(TOO_OLD, field="cursor", head=str(head))


def head(database: Database, identity: Identity) -> Cursor:
    """The tenant's last commit, for an admitted device."""
    with database.tenant_snapshot(identity.tenant_id) as connection:
        links.require_admitted(connection, identity.device_id)
        return feed.head_of(connection)


def stretch_of(
    connection: sa.Connection, scopes: Sequence[str], *, after: int, head: int, limit: int
) -> _Stretch:
    """As many whole commits as fit into the limit, at least one."""
    rows = _log_rows(connection, scopes, after=after, upto=head, limit=limit + 1)
    if len(rows) <= limit:
        return _Stretch(rows, head, is_last=True)
    cut = rows[-1].seq
    whole = [row for row in rows if row.seq < cut]
    if whole:
        return _Stretch(whole, whole[-1].seq, is_last=False)
    rows = _log_rows(connection, scopes, after=after, upto=cut, limit=None)
    return _Stretch(rows, cut, is_last=cut == head)


def rows_at(
    connection: sa.Connection, scopes: Sequence[str], *, upto: int, most: int
) -> tuple[TableChanges, ...] | None:
    """The rows of those scopes as commit `upto` left them; None when the log has over `most`.

    Nothing but puts: whoever asks has no row of these scopes yet, and one that has left them may
    well be in another. Of a log that was made short since, a row may be missing that changes in a
    later page.
    """
    rows = _log_rows(connection, scopes, after=0, upto=upto, limit=most + 1)
    if len(rows) > most:
        return None
    changed = (replace(each, deletes=()) for each in _tables(rows))
    return tuple(each for each in changed if each.puts)


def _log_rows(
    connection: sa.Connection, scopes: Sequence[str], *, after: int, upto: int, limit: int | None
) -> Sequence[sa.Row[Any]]:
    """Log rows in commit order; without a limit all up to there."""
    given = {"after": after, "upto": upto, "most": limit}
    return connection.execute(_log_of(tuple(scopes)), given).all()


@lru_cache(_SCOPE_SETS_KEPT)
def _log_of(scopes: tuple[str, ...]) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The statement that reads a scope set's log.

    With exact scopes each is read from its own index in order and the streams are merged, so a till
    does not read past the rows of all other tills.
    """
    most = sa.bindparam("most", type_=sa.BigInteger)
    part = _LOG.where(_C.seq > sa.bindparam("after"), _C.seq <= sa.bindparam("upto"))
    part = part.order_by(_C.seq, _C.ord).limit(most)
    if len(scopes) == 1 or any(scope.endswith("*") for scope in scopes):
        return part.where(feed.is_in(_C.scope, scopes))
    streams = sa.union_all(*(part.where(_C.scope == scope) for scope in scopes))
    return streams.order_by(sa.text("seq, ord")).limit(most)


def _tables(rows: Sequence[sa.Row[Any]]) -> tuple[TableChanges, ...]:
    """The last state of every key, by table in foreign-key order."""
    latest: dict[str, dict[str, str | None]] = {}
    for row in rows:
        latest.setdefault(row.tbl, {})[row.key] = row.image
    order = {table.name: place for place, table in enumerate(tables_in_order())}
    return tuple(
        _changes(name, latest[name]) for name in sorted(latest, key=lambda name: order[name])
    )


def _changes(name: str, latest: dict[str, str | None]) -> TableChanges:
    return TableChanges(
        table=name,
        puts=tuple(msgspec.Raw(image.encode()) for image in latest.values() if image is not None),
        deletes=tuple(
            msgspec.json.decode(key, type=tuple[str, ...])
            for key, image in latest.items()
            if image is None
        ),
    )


def _acked_seq(connection: sa.Connection, link: DeviceLink, stretch: _Stretch) -> int:
    if stretch.is_last:
        return link.last_seq
    return command_log.last_seq(
        connection, link.device_id, incarnation=link.incarnation, upto=stretch.upto
    )
