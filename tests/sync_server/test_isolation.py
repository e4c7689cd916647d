"""Tenants are kept apart by PostgreSQL itself: these tests go round the code and still fail."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from migrations.roles import APP_ROLE, CONTROL_SCHEMA, OWNER_ROLE
from shared.kernel.errors import Unavailable
from shared.kernel.ids import TenantId
from shared.storage.base import tables_in_order
from shared.storage.dialects import TENANT_SETTING
from sync_server.database import Database, app_engine
from sync_server.schema import TENANT_TABLES
from sync_server.tenancy import schema_of
from sync_server.work import run_command
from tests.support.databases import ServerDatabase
from tests.sync_server.devices import customer

pytestmark = pytest.mark.storage


@pytest.fixture
def ours(server_database: ServerDatabase) -> TenantId:
    """A tenant with one customer."""
    tenant_id = server_database.new_tenant("Ours").tenant_id
    run_command(server_database.database, tenant_id, customer("Ada"))
    return tenant_id


@pytest.fixture
def theirs(server_database: ServerDatabase) -> TenantId:
    """Another tenant with one customer."""
    tenant_id = server_database.new_tenant("Theirs").tenant_id
    run_command(server_database.database, tenant_id, customer("Bob"))
    return tenant_id


@pytest.fixture
def app(server_database: ServerDatabase) -> Iterator[sa.Connection]:
    """A bare connection as requests have it, with a transaction and no tenant."""
    engine = app_engine(server_database.url, is_app_login=False, pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def become(connection: sa.Connection, tenant_id: str) -> None:
    """Set the tenant, and nothing else."""
    connection.execute(sa.select(sa.func.set_config(TENANT_SETTING, tenant_id, True)))


def run(
    connection: sa.Connection, statement: str, tenant_id: str, **params: str
) -> "sa.CursorResult[Any]":
    """Run a statement in which {schema} stands for a tenant's schema."""
    text = sa.text(statement.format(schema=schema_of(tenant_id)))
    return connection.execute(text, params)


def all_tables() -> list[str]:
    """Every table of a tenant's schema."""
    ours = [table.name for table in tables_in_order()]
    return [*ours, *(table.name for table in TENANT_TABLES)]


def test_rows_of_another_schema_are_invisible_even_by_their_full_name(
    app: sa.Connection, ours: TenantId, theirs: TenantId
) -> None:
    become(app, ours)
    found = {name: run(app, f'TABLE {{schema}}."{name}"', theirs).all() for name in all_tables()}

    assert not any(found.values())
    assert len(run(app, "TABLE {schema}.customer", ours).all()) == 1


def test_rows_of_two_tenants_in_one_schema_are_kept_apart_by_their_policy(
    app: sa.Connection, server_database: ServerDatabase, *, ours: TenantId, theirs: TenantId
) -> None:
    with server_database.owner.begin() as owner:
        run(owner, f"INSERT INTO {schema_of(ours)}.customer TABLE {{schema}}.customer", theirs)
    become(app, ours)

    names = run(app, "SELECT name FROM {schema}.customer", ours).scalars().all()
    changed = run(app, "UPDATE {schema}.customer SET name = 'x'", ours).rowcount
    removed = run(app, "DELETE FROM {schema}.customer", ours).rowcount

    assert (names, changed, removed) == (["Ada"], 1, 1)


def test_row_of_another_tenant_cannot_be_written(
    app: sa.Connection, ours: TenantId, theirs: TenantId
) -> None:
    become(app, ours)

    with pytest.raises(sa.exc.ProgrammingError, match="row-level security policy"):
        run(
            app,
            "INSERT INTO {schema}.token_nonce VALUES (:theirs, :theirs, '', now())",
            ours,
            theirs=theirs,
        )


@pytest.mark.parametrize("statement", ["SELECT * FROM", "DELETE FROM"])
def test_without_a_tenant_nothing_is_possible(
    app: sa.Connection, ours: TenantId, statement: str
) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"unrecognized configuration parameter|uuid"):
        run(app, f"{statement} {{schema}}.customer", ours)


def test_tenant_of_one_transaction_is_gone_in_the_next(
    server_database: ServerDatabase, ours: TenantId
) -> None:
    engine = app_engine(server_database.url, is_app_login=False, pool_size=1)
    database = Database(engine, server_database.clock)
    with database.tenant_snapshot(ours) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM customer").scalar_one() == 1

    with database.control() as connection, pytest.raises(sa.exc.DBAPIError):
        run(connection, "TABLE {schema}.customer", ours)
    database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {schema}.customer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE {schema}.customer NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_only ON {schema}.customer",
        "CREATE POLICY all_rows ON {schema}.customer USING (true)",
        "DROP TABLE {schema}.customer",
        "TRUNCATE {schema}.customer",
        "CREATE TABLE {schema}.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE SCHEMA mine",
        "ALTER ROLE pycommerce_app BYPASSRLS",
        "SELECT * FROM pg_authid",
        "UPDATE {schema}.alembic_version SET version_num = '0'",
        "UPDATE {schema}.sync_head SET epoch = 9",
        "DELETE FROM {schema}.sync_head",
        "DELETE FROM {schema}.scope_digest",
        "DELETE FROM {schema}.device_link",
    ],
)
def test_application_role_cannot_loosen_its_bonds(
    app: sa.Connection, ours: TenantId, statement: str
) -> None:
    become(app, ours)

    with pytest.raises(
        sa.exc.ProgrammingError, match=r"must be (owner|superuser)|permission denied"
    ):
        run(app, statement, ours)


def append_only() -> list[str]:
    """Tables whose rows are never changed or removed."""
    ledgers = [table.name for table in tables_in_order() if table.is_append_only]
    return [*ledgers, "change_log", "command_log", "fork_log"]


@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET tenant_id = tenant_id", "DELETE FROM {table}"]
)
def test_ledgers_and_logs_are_neither_changed_nor_shortened(
    app: sa.Connection, ours: TenantId, statement: str
) -> None:
    tables = append_only()
    assert "stock_entry" in tables
    for name in tables:
        become(app, ours)
        table = f'{schema_of(ours)}."{name}"'
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            app.exec_driver_sql(statement.format(table=table))
        app.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO {control}.tenant VALUES (gen_random_uuid(), 'x', now())",
        "UPDATE {control}.tenant SET name = 'x'",
        "DELETE FROM {control}.tenant",
        "INSERT INTO {control}.token_key VALUES (gen_random_uuid(), 'x', now())",
        "UPDATE {control}.token_key SET secret = 'x'",
        "DELETE FROM {control}.pairing_code",
        "UPDATE {control}.pairing_code SET tenant_id = gen_random_uuid()",
        "UPDATE {control}.pairing_code SET expires_at = now()",
        "CREATE TABLE {control}.mine (a int)",
    ],
)
def test_directory_of_tenants_is_not_the_applications_to_change(
    app: sa.Connection, ours: TenantId, statement: str
) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        app.exec_driver_sql(statement.format(control=CONTROL_SCHEMA))


def test_both_roles_are_weak(server_database: ServerDatabase) -> None:
    with server_database.owner.connect() as connection:
        found = connection.execute(
            sa.text(
                "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole"
                " FROM pg_roles WHERE rolname = ANY(:names)"
            ),
            {"names": [APP_ROLE, OWNER_ROLE]},
        ).all()

    assert {row[0] for row in found} == {APP_ROLE, OWNER_ROLE}
    assert all(not any(row[1:]) for row in found)


def test_owner_role_is_bound_by_the_policies_too(
    server_database: ServerDatabase, ours: TenantId, theirs: TenantId
) -> None:
    with server_database.owner.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER_ROLE}")
        become(connection, ours)

        assert run(connection, "TABLE {schema}.customer", theirs).all() == []
        assert len(run(connection, "TABLE {schema}.customer", ours).all()) == 1


def test_reset_role_leads_back_to_the_application_role(app: sa.Connection) -> None:
    app.exec_driver_sql("RESET ROLE")

    assert app.exec_driver_sql("SELECT current_user").scalar_one() == APP_ROLE


def test_server_that_could_see_everything_does_not_call_itself_ready(
    server_database: ServerDatabase,
) -> None:
    server_database.database.require_weak_role()
    strong = Database(server_database.owner, server_database.clock)

    with pytest.raises(Unavailable, match="database_role_too_strong"):
        strong.require_weak_role()
