"""The frozen first revisions make the declared schema, on both engines."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedColumn

from migrations.apply import FOLDER, Lineage, head, revision_of, upgrade, upgrade_tenant
from migrations.roles import APP_ROLE, act_as_owner
from migrations.write_first import texts
from shared.kernel.errors import Unavailable
from shared.runtime.metadata import TABLE_MODULES
from shared.storage.dialects import TENANT_SETTING, postgres_ddl
from shared.sync.replica import replica_ddl
from sync_server.schema import TENANT_TABLES
from sync_server.tenancy import Tenant, schema_of
from tests.support.databases import ServerDatabase
from tests.support.memory import memory_engine

pytestmark = pytest.mark.storage

_CATALOG = {
    "columns": """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        coalesce(l.collname, ''), coalesce(pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'r'""",
    "constraints": """SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace)""",
    "indexes": """SELECT tablename, regexp_replace(indexdef, ' ON [^ ]+', ' ON')
        FROM pg_indexes WHERE schemaname = :schema""",
    "policies": """SELECT tablename, policyname, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = :schema""",
    "security": """SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text
        FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = 'r'""",
}


def postgres_shape(connection: sa.Connection, schema: str) -> dict[str, set[tuple[object, ...]]]:
    """All that the system catalog says of the declared tables of a schema."""
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}")
    own = {table.name for table in TENANT_TABLES} | {"alembic_version"}
    shape: dict[str, set[tuple[object, ...]]] = {}
    for what, statement in _CATALOG.items():
        found = connection.execute(sa.text(statement), {"schema": schema})
        shape[what] = {tuple(row) for row in found if str(row[0]).strip('"') not in own}
    return shape


@pytest.fixture
def declared_schema(server_database: ServerDatabase) -> Iterator[sa.Connection]:
    """A transaction with the declared tables in schema t_declared, rolled back at the end."""
    with server_database.owner.connect() as connection, connection.begin() as transaction:
        act_as_owner(connection)
        connection.exec_driver_sql("CREATE SCHEMA t_declared")
        connection.exec_driver_sql("SET LOCAL search_path = t_declared")
        for statement in postgres_ddl(APP_ROLE):
            connection.exec_driver_sql(statement)
        yield connection
        transaction.rollback()


def test_server_revision_makes_the_declared_tables(
    declared_schema: sa.Connection, tenant: Tenant
) -> None:
    made = postgres_shape(declared_schema, schema_of(tenant.tenant_id))
    declared = postgres_shape(declared_schema, "t_declared")

    differing = {what: made[what] ^ declared[what] for what in _CATALOG}
    assert not any(differing.values()), f"run python -m migrations.write_first: {differing}"


def sqlite_shape(connection: sa.Connection) -> set[tuple[object, ...]]:
    """All that SQLite knows of its own tables."""
    found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_schema")
    return {tuple(row) for row in found if not str(row[1]).endswith("alembic_version_1")}


def test_desktop_revision_makes_the_declared_replica() -> None:
    with memory_engine().begin() as made:
        upgrade(made, Lineage.DESKTOP)
        found = sqlite_shape(made)
    with memory_engine().begin() as declared:
        for statement in replica_ddl():
            declared.exec_driver_sql(statement)
        wanted = sqlite_shape(declared)

    extra = {name for _kind, name, _sql in found - wanted}
    assert wanted - found == set(), "run python -m migrations.write_first"
    assert extra == {"alembic_version"}


def test_first_files_are_what_would_be_written_now() -> None:
    for lineage, text in texts().items():
        path = FOLDER / lineage / "versions" / "0001_first_tables.sql"
        assert path.read_text(encoding="utf-8") == text, "run python -m migrations.write_first"


def test_every_slice_with_tables_is_declared() -> None:
    shared = Path(import_module("shared").__file__ or "").parent
    slices = {path.parent.name for path in shared.glob("*/tables.py")}

    assert {module.__name__.split(".")[1] for module in TABLE_MODULES} == slices


def test_an_upgraded_replica_is_at_the_head_and_stays_there() -> None:
    with memory_engine().begin() as connection:
        upgrade(connection, Lineage.DESKTOP)
        upgrade(connection, Lineage.DESKTOP)

        assert revision_of(connection) == head(Lineage.DESKTOP)


def test_a_replica_of_a_later_release_is_left_alone() -> None:
    with memory_engine().begin() as connection:
        upgrade(connection, Lineage.DESKTOP)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

        with pytest.raises(Unavailable, match="schema_too_new"):
            upgrade(connection, Lineage.DESKTOP)


def test_queries_of_the_server_know_the_columns_of_its_own_tables(
    server_database: ServerDatabase, tenant: Tenant
) -> None:
    with server_database.owner.connect() as connection:
        inspector = sa.inspect(connection)
        schema = schema_of(tenant.tenant_id)
        for table in TENANT_TABLES:
            found = [c["name"] for c in inspector.get_columns(table.name, schema=schema)]
            keys = inspector.get_pk_constraint(table.name, schema=schema)["constrained_columns"]

            assert found == ["tenant_id", *(column.name for column in table.c)], table.name
            assert keys == ["tenant_id", *(c.name for c in table.primary_key)], table.name


def test_every_table_of_a_tenant_is_forced_under_row_level_security(
    server_database: ServerDatabase, tenant: Tenant
) -> None:
    with server_database.owner.connect() as connection:
        unlocked = connection.execute(
            sa.text(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = CAST(:schema AS regnamespace)"
                " AND NOT (relrowsecurity AND relforcerowsecurity)"
            ),
            {"schema": schema_of(tenant.tenant_id)},
        )

        assert set(unlocked.scalars()) == {"alembic_version"}
        assert TENANT_SETTING == "pycommerce.tenant_id"


def test_a_tenant_of_an_earlier_build_gets_the_column_for_sharing(
    server_database: ServerDatabase, tenant: Tenant
) -> None:
    schema = schema_of(tenant.tenant_id)
    with server_database.owner.begin() as owner:
        act_as_owner(owner)
        owner.exec_driver_sql(f"SET LOCAL search_path = {schema}")
        owner.exec_driver_sql("ALTER TABLE stock_location DROP COLUMN is_sharing")
        owner.exec_driver_sql("UPDATE alembic_version SET version_num = '0002'")
        upgrade_tenant(owner, tenant_id=tenant.tenant_id, schema=schema)

        assert _columns(owner, schema)["is_sharing"]["nullable"] is False


def test_a_replica_of_an_earlier_build_gets_the_column_for_sharing() -> None:
    with memory_engine().begin() as connection:
        upgrade(connection, Lineage.DESKTOP)
        connection.exec_driver_sql("ALTER TABLE stock_location DROP COLUMN is_sharing")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        upgrade(connection, Lineage.DESKTOP)

        assert _columns(connection, None)["is_sharing"]["nullable"] is False


def _columns(connection: sa.Connection, schema: str | None) -> dict[str, ReflectedColumn]:
    found = sa.inspect(connection).get_columns("stock_location", schema=schema)
    return {each["name"]: each for each in found}
