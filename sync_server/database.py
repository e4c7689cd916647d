"""Transactions of one tenant on PostgreSQL; every write of the product commits here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg_errors

from migrations.apply import revision_of
from migrations.roles import APP_ROLE, CONTROL_SCHEMA
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import TenantId
from shared.storage.dialects import TENANT_SETTING
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.cursor import Cursor
from sync_server import command_log, feed
from sync_server.tenancy import schema_of

_log = logging.getLogger(__name__)

HEAD_CHANNEL = "pycommerce_head"
"""Where the new head of a tenant is announced: `<tenant id> <epoch>.<seq>`."""
LOCK_PATIENCE = "10s"
"""How long a writer waits for the other writers of its tenant."""
_ENTER = (
    f"SELECT set_config('{TENANT_SETTING}', :tenant, true), set_config('search_path', :path, true),"
    " set_config('statement_timeout', '60s', true),"
    " set_config('idle_in_transaction_session_timeout', '60s', true)"
)
_ENTER_UNLOCKED = sa.text(_ENTER)
_ENTER_LOCKED = sa.text(
    f"{_ENTER}, set_config('lock_timeout', :patience, true),"
    " pg_advisory_xact_lock(hashtextextended(:tenant, 0))"
)
_ANNOUNCE = sa.text(f"SELECT pg_notify('{HEAD_CHANNEL}', :payload)")
_MANY = 500
_FORGET_PLANS = sa.text("DISCARD PLANS")
"""Sent with a commit of MANY rows: PostgreSQL keeps its plans for checks of foreign keys until the
next ANALYZE, and those that it made while a table was empty read all of it for every row."""
_IS_ROLE_WEAK = sa.text(
    "SELECT NOT (rolsuper OR rolbypassrls)"
    " AND NOT EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)"
    " FROM pg_roles WHERE rolname = current_user"
)


@dataclass(slots=True)
class TenantWork:
    """One write transaction of one tenant: its rows, and the commands decided in it.

    `head` is the commit before this one; `at` is when the transaction began.
    """

    tenant_id: TenantId
    connection: sa.Connection
    head: Cursor
    at: datetime
    rows: UnitOfWork
    decided: list[command_log.Decided] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The number that this commit will have."""
        return self.head.seq + 1


class Database:
    """The pool of connections on which requests work, as the application role."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @contextmanager
    def tenant_transaction(
        self, tenant_id: TenantId, *, defers: bool = False
    ) -> Iterator[TenantWork]:
        """Write as one tenant: commits when the block ends, rolls back when it raises.

        Writers of one tenant wait for one another from the first statement on, so a handler never
        meets a row that somebody else is changing. Change log, digests and command log are written
        at the end; the tenant's head moves last, so commit order is cursor order. `defers` is
        that of the unit of work.

        Raises Unavailable when the database is out of reach or the tenant is too busy.
        """
        with self._connection() as connection:
            with connection.begin():
                where = _place_of(tenant_id) | {"patience": LOCK_PATIENCE}
                connection.execute(_ENTER_LOCKED, where)
                unit = TenantWork(
                    tenant_id=tenant_id,
                    connection=connection,
                    head=feed.head_of(connection),
                    at=self._clock.now(),
                    rows=UnitOfWork(connection, defers=defers),
                )
                yield unit
                is_moved = _record(unit)
            if is_moved:
                _announce(connection, tenant_id, Cursor(unit.head.epoch, unit.seq))

    @contextmanager
    def tenant_snapshot(self, tenant_id: TenantId) -> Iterator[sa.Connection]:
        """Read as one tenant: all statements of the block see the same commit.

        Raises Unavailable when the database is out of reach.
        """
        with self._connection() as connection:
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with connection.begin():
                connection.execute(_ENTER_UNLOCKED, _place_of(tenant_id))
                yield connection

    @contextmanager
    def tenant_session(self, tenant_id: TenantId) -> Iterator[sa.Connection]:
        """Read or write a tenant's keys and nonces, which are no rows of the business.

        Takes no lock and leaves no trace in the change log.
        """
        with self._connection() as connection, connection.begin():
            connection.execute(_ENTER_UNLOCKED, _place_of(tenant_id))
            yield connection

    @contextmanager
    def control(self) -> Iterator[sa.Connection]:
        """Work on the directory of tenants, with no tenant set."""
        with self._connection() as connection, connection.begin():
            yield connection

    def require_weak_role(self) -> None:
        """Raise Unavailable("database_role_too_strong") unless row-level security binds us."""
        with self.control() as connection:
            if not connection.execute(_IS_ROLE_WEAK).scalar_one():
                raise Unavailable("database_role_too_strong", role=APP_ROLE)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.TimeoutError as error:
            raise Unavailable("server_busy") from error
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            if isinstance(error.orig, pg_errors.LockNotAvailable):
                raise Unavailable("server_busy") from error
            raise Unavailable("database_unavailable") from error


def app_engine(url: str, *, is_app_login: bool, pool_size: int) -> sa.Engine:
    """The engine of requests: every connection is the application role from its start.

    Connections are given up after half an hour: one that has seen many tenants grows. The one that
    was used last goes first, since it has its statements prepared and its tables' plans at hand.
    """
    options = {} if is_app_login else {"options": f"-c role={APP_ROLE}"}
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_recycle=1800,
        pool_use_lifo=True,
        connect_args=options,
    )


def listening_connection(engine: sa.Engine) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection outside the pool, for one LISTEN that never ends."""
    args, params = engine.dialect.create_connect_args(engine.url)
    return psycopg.connect(*args, **params, autocommit=True)


def owner_engine(url: str) -> sa.Engine:
    """The engine of migrations and of the command line; keeps no connection open."""
    return sa.create_engine(url, poolclass=sa.NullPool)


def control_revision(connection: sa.Connection) -> str | None:
    """The revision of the control schema; None on a database that was never migrated."""
    return revision_of(connection, schema=CONTROL_SCHEMA)


def _place_of(tenant_id: str) -> dict[str, str]:
    return {"tenant": tenant_id, "path": f"{schema_of(tenant_id)}, pg_temp"}


def _record(unit: TenantWork) -> bool:
    """Write down what the transaction did; whether there was anything."""
    changes = unit.rows.changes()
    if not (changes or unit.decided):
        return False
    feed.write(unit.connection, changes, seq=unit.seq)
    command_log.write(unit.connection, unit.decided, commit_seq=unit.seq, at=unit.at)
    if len(changes) >= _MANY:
        unit.connection.execute(_FORGET_PLANS)
    feed.move_head(unit.connection, seq=unit.seq)
    return True


def _announce(connection: sa.Connection, tenant_id: str, head: Cursor) -> None:
    """Tell all server processes; after the commit, because NOTIFY makes commits queue up.

    Devices that miss it find out at their next look, so a failure is only logged.
    """
    try:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(_ANNOUNCE, {"payload": f"{tenant_id} {head}"})
    except sa.exc.DBAPIError:
        _log.warning("head %s of tenant %s was not announced", head, tenant_id, exc_info=True)
