"""A plain login, as hosts give it, is enough to set up and run a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.roles import APP_ROLE
from shared.customers.tables import CustomerRow
from shared.kernel.clock import FixedClock
from shared.storage.reader import Reader
from sync_server import embedded
from sync_server.database import Database, app_engine, owner_engine
from sync_server.serving import migrate
from sync_server.tenancy import create_tenant
from sync_server.work import run_command
from tests.support.shop import OPENING
from tests.sync_server.devices import customer

pytestmark = [pytest.mark.storage, pytest.mark.slow]


@pytest.fixture
def landlord_url(reachable_folder: Path) -> Iterator[str]:
    """A login without superuser rights, with a database of its own in a fresh cluster."""
    with embedded.running(reachable_folder, durable=False) as server:
        engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'secret'")
            connection.exec_driver_sql('CREATE DATABASE "the shop" OWNER landlord')
        url = sa.make_url(server.url).set(
            username="landlord", password="secret", database="the shop"
        )
        yield url.render_as_string(hide_password=False)


@pytest.mark.parametrize("is_app_login", [False, True])
def test_login_without_superuser_rights_is_enough(landlord_url: str, *, is_app_login: bool) -> None:
    clock = FixedClock(OPENING)
    migrate(landlord_url, clock)
    assert migrate(landlord_url, clock) == 0
    owner = owner_engine(landlord_url)
    tenant = create_tenant(owner, "Corner Shop", now=OPENING)
    url = landlord_url
    if is_app_login:
        with owner.begin() as connection:
            connection.exec_driver_sql(f"ALTER ROLE {APP_ROLE} LOGIN PASSWORD 'other'")
        named = sa.make_url(url).set(username=APP_ROLE, password="other")
        url = named.render_as_string(hide_password=False)
    database = Database(app_engine(url, is_app_login=is_app_login, pool_size=2), clock)
    database.require_weak_role()

    run_command(database, tenant.tenant_id, customer("Ada"))

    with database.tenant_snapshot(tenant.tenant_id) as connection:
        assert [row.name for row in Reader(connection).find(CustomerRow)] == ["Ada"]
    assert migrate(landlord_url, clock) == 1
    database.close()
