"""Makes what is old in a tenant's logs short: the last image of a row, the state of a command."""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa

from migrations.roles import act_as_owner
from shared.kernel.errors import Unavailable
from shared.storage.dialects import TENANT_SETTING
from sync_server import command_log
from sync_server.schema import CHANGE_LOG, COMMAND_LOG, SYNC_HEAD
from sync_server.tenancy import Tenant, schema_of

_log = logging.getLogger(__name__)

WHOLE_DAYS = 90
"""A device that was away for longer fetches all rows anew; what it has to send is kept."""
OUTCOME_DAYS = 180
"""For so long commands are kept as they came, and told with every detail."""
_ENTER = sa.text(
    f"SELECT set_config('{TENANT_SETTING}', :tenant, true), set_config('search_path', :path, true)"
)
_ONE_AT_A_TIME = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:tenant, 2))")


def compact(owner: sa.Engine, tenant: Tenant, *, now: datetime, days: int = WHOLE_DAYS) -> int:
    """Leave the last `days` of the log whole and shorten what lies before; gives the rows removed.

    Removal and mark are one transaction: every page sees the old log with the old mark or the short
    one with the new, and a fill that began before is told to begin again. The mark, on which all
    commits of the tenant wait, moves last. Only the owner may do this. Raises Unavailable.
    """
    try:
        mark, removed = _shorten(owner, tenant, now - timedelta(days=days))
    except sa.exc.DBAPIError as error:
        raise Unavailable("database_unavailable") from error
    _log.info("change log of %s made short up to %s: %s rows", tenant.tenant_id, mark, removed)
    return removed


def forget_commands(
    owner: sa.Engine, tenant: Tenant, *, now: datetime, days: int = OUTCOME_DAYS
) -> int:
    """Leave of commands decided longer ago what exactly-once needs; gives how many were cut.

    Place, id, hash and state stay for ever, so a device that sends such a command again still hears
    what became of it, and nothing is run twice. Pushes add rows and never wait for this. Only the
    owner may do this. Raises Unavailable.
    """
    before, cut = now - timedelta(days=days), 0
    try:
        with owner.begin() as connection:
            _enter(connection, tenant)
            senders = command_log.senders(connection)
        for device_id in senders:
            with owner.begin() as connection:
                _enter(connection, tenant)
                cut += command_log.forget(connection, device_id, before=before)
    except sa.exc.DBAPIError as error:
        raise Unavailable("database_unavailable") from error
    _log.info("%s old commands of %s cut down to their state", cut, tenant.tenant_id)
    return cut


def _shorten(owner: sa.Engine, tenant: Tenant, before: datetime) -> tuple[int, int]:
    """The mark and how many rows were removed."""
    with owner.begin() as connection:
        _enter(connection, tenant)
        if not connection.execute(_ONE_AT_A_TIME, {"tenant": tenant.tenant_id}).scalar_one():
            return 0, 0
        mark = _mark(connection, before)
        if mark <= 0:
            return 0, 0
        removed = connection.execute(_remove(mark)).rowcount
        moved = sa.update(SYNC_HEAD).values(log_from=mark).where(SYNC_HEAD.c.log_from < mark)
        connection.execute(moved)
        return mark, removed


def _enter(connection: sa.Connection, tenant: Tenant) -> None:
    act_as_owner(connection)
    path = f"{schema_of(tenant.tenant_id)}, pg_temp"
    connection.execute(_ENTER, {"tenant": tenant.tenant_id, "path": path})


def _mark(connection: sa.Connection, before: datetime) -> int:
    """The last commit before that moment."""
    last = sa.select(sa.func.coalesce(sa.func.max(COMMAND_LOG.c.commit_seq), 0))
    return int(connection.execute(last.where(COMMAND_LOG.c.decided_at < before)).scalar_one())


def _remove(mark: int) -> sa.Delete:
    """Entries up to the mark that say nothing any more: of rows that changed since, or are gone."""
    log = CHANGE_LOG.c
    entries = sa.select(
        log.seq,
        log.ord,
        log.op,
        sa.func.lead(log.seq)
        .over(partition_by=(log.tbl, log.key), order_by=(log.seq, log.ord))
        .label("newer"),
    ).subquery()
    idle = sa.select(entries.c.seq, entries.c.ord).where(
        entries.c.seq <= mark, sa.or_(entries.c.newer.is_not(None), entries.c.op == "delete")
    )
    return sa.delete(CHANGE_LOG).where(sa.tuple_(log.seq, log.ord).in_(idle))
