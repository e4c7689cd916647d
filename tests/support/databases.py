"""Databases for tests: real PostgreSQL with a schema per tenant, and SQLite replicas.

Fixtures are taken into a folder's conftest by name:

    from tests.support.databases import migrated_url, server_database, tenant
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from sqlite3 import Connection as SqliteConnection

import pytest
import sqlalchemy as sa

from shared.kernel.clock import FixedClock
from shared.kernel.ids import TenantId, new_id
from shared.sync.replica import replica_ddl
from sync_server.database import Database, app_engine, owner_engine
from sync_server.schema import PAIRING_CODES, TENANTS
from sync_server.serving import migrate
from sync_server.tenancy import Tenant, create_tenant, schema_of
from tests.support.memory import memory_engine
from tests.support.shop import OPENING

POOL_SIZE = 12


@pytest.fixture(scope="session")
def migrated_url(postgres_url: str) -> str:
    """The URL of a cluster with roles and control schema."""
    migrate(postgres_url)
    return postgres_url


@dataclass(frozen=True, slots=True)
class ServerDatabase:
    """A server's database as requests see it, and as its owner does."""

    url: str
    database: Database
    owner: sa.Engine
    clock: FixedClock
    made: list[Tenant] = field(default_factory=list)

    def new_tenant(self, name: str = "Corner Shop") -> Tenant:
        """A tenant with an empty schema of its own."""
        unique = f"{name} {new_id()}"
        tenant = create_tenant(self.owner, unique, now=self.clock.now())
        self.made.append(tenant)
        return tenant

    def drop_tenants(self) -> None:
        """Remove what `new_tenant` made."""
        ids = [tenant.tenant_id for tenant in self.made]
        with self.owner.begin() as connection:
            for tenant_id in ids:
                connection.exec_driver_sql(f"DROP SCHEMA {schema_of(tenant_id)} CASCADE")
            for table in (PAIRING_CODES, TENANTS):
                connection.execute(sa.delete(table).where(table.c.tenant_id.in_(ids)))


@pytest.fixture
def server_database(migrated_url: str) -> Iterator[ServerDatabase]:
    """A migrated database with no tenant of this test yet; its clock stands at OPENING."""
    clock = FixedClock(OPENING)
    engine = app_engine(migrated_url, is_app_login=False, pool_size=POOL_SIZE)
    database = Database(engine, clock)
    made = ServerDatabase(migrated_url, database, owner_engine(migrated_url), clock)
    yield made
    database.close()
    made.drop_tenants()


@pytest.fixture
def tenant(server_database: ServerDatabase) -> Tenant:
    """One tenant with a schema of its own."""
    return server_database.new_tenant()


@pytest.fixture
def tenant_id(tenant: Tenant) -> TenantId:
    """The id of the one tenant."""
    return tenant.tenant_id


def sqlite_replica() -> sa.Engine:
    """An empty replica in memory on one connection, with real transactions and savepoints."""
    engine = memory_engine()
    sa.event.listen(engine, "connect", _leave_transactions_to_us)
    sa.event.listen(engine, "begin", _begin)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        for statement in replica_ddl():
            connection.exec_driver_sql(statement)
    return engine


def _leave_transactions_to_us(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")
