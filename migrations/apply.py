"""Brings a database to the newest schema: one Alembic environment, three lineages."""

from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from shared.kernel.errors import Unavailable
from shared.storage.dialects import TENANT_SETTING

FOLDER = Path(__file__).resolve().parent
VERSION_TABLE = "alembic_version"


class Lineage(StrEnum):
    """The three histories of schemas; each is a straight line of numbered revisions."""

    CONTROL = "control"
    """The directory of tenants on a server: one schema per database."""
    SERVER = "server"
    """A tenant's schema on a server."""
    DESKTOP = "desktop"
    """The replica on a device."""


def head(lineage: Lineage) -> str:
    """The newest revision that this program knows."""
    return max(path.name[:4] for path in versions_folder(lineage).glob("[0-9]*.py"))


def versions_folder(lineage: Lineage) -> Path:
    """Where a lineage's revisions lie."""
    return FOLDER / lineage / "versions"


def revision_of(connection: sa.Connection, *, schema: str | None = None) -> str | None:
    """The revision a database (or one schema of it) is at; None before the first."""
    if not sa.inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    versions = sa.table(VERSION_TABLE, sa.column("version_num", sa.String), schema=schema)
    found = connection.execute(sa.select(versions.c.version_num)).scalar_one_or_none()
    return None if found is None else str(found)


def upgrade(connection: sa.Connection, lineage: Lineage, *, schema: str | None = None) -> None:
    """Run the revisions that are missing, inside the caller's transaction.

    Raises Unavailable("schema_too_new") when a later release has been here.
    """
    current, newest = revision_of(connection, schema=schema), head(lineage)
    if current == newest:
        return
    if current is not None and current > newest:
        raise Unavailable("schema_too_new", found=current, known=newest)
    # Only here: loading Alembic takes a tenth of a start, and most starts upgrade nothing.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "schema": schema})
    for name, path in (
        ("script_location", FOLDER),
        ("version_locations", versions_folder(lineage)),
    ):
        config.set_main_option(name, str(path).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, "head")


def upgrade_tenant(connection: sa.Connection, *, tenant_id: str, schema: str) -> None:
    """Bring a tenant's schema to the newest revision; later statements of the transaction see it.

    The tenant is set, so that revisions that rewrite rows work under row-level security.
    """
    for name, value in (("search_path", f"{schema}, pg_temp"), (TENANT_SETTING, tenant_id)):
        connection.execute(sa.select(sa.func.set_config(name, value, True)))
    upgrade(connection, Lineage.SERVER, schema=schema)
    _mark(connection, schema)


def tenants_behind(connection: sa.Connection, *, tenants: sa.Table) -> int:
    """How many tenants' schemas are at an earlier revision than this program's.

    One statement however many there are: each schema bears its revision as its comment, because
    to look into all of them would take a statement for each. One without is behind.
    """
    names = sa.table("pg_namespace", sa.column("oid"), sa.column("nspname"), schema="pg_catalog")
    marked = sa.func.coalesce(sa.func.obj_description(names.c.oid, "pg_namespace"), "")
    schema = sa.literal("t_") + sa.func.replace(sa.cast(tenants.c.tenant_id, sa.Text), "-", "")
    behind = (
        sa.select(sa.func.count())
        .select_from(tenants)
        .outerjoin(names, names.c.nspname == schema)
        .where(marked < head(Lineage.SERVER))
    )
    return int(connection.execute(behind).scalar_one())


def _mark(connection: sa.Connection, schema: str) -> None:
    """Let a tenant's schema say at which revision it is."""
    newest = head(Lineage.SERVER)
    named = sa.text("SELECT obj_description(CAST(:schema AS regnamespace), 'pg_namespace')")
    if connection.execute(named, {"schema": schema}).scalar_one() != newest:
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {schema} IS '{newest}'")
