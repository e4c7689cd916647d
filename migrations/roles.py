"""The two database roles of a server: one owns the tables, the other works with them."""

import sqlalchemy as sa

OWNER_ROLE = "pycommerce_owner"
"""Owns every schema and table; used for migrations and for the directory of tenants."""
APP_ROLE = "pycommerce_app"
"""What requests run as: owns nothing, cannot go round row-level security."""
CONTROL_SCHEMA = "pycommerce_control"

_SET_RIGHT_SINCE = (16,)
_MAY_CREATE = "SELECT WHERE has_database_privilege(:role, current_database(), 'CREATE')"
_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def prepare(connection: sa.Connection) -> None:
    """Make the roles and the control schema where they are missing.

    Needs a login that may create roles, unless somebody has made both and granted them to it, and
    the right to create schemas in this database.
    """
    for role in (OWNER_ROLE, APP_ROLE):
        if not _holds(connection, "SELECT FROM pg_roles WHERE rolname = :role", role):
            connection.exec_driver_sql(_ROLE.format(role=role))
        if not _holds(connection, _may_become(connection), role):
            connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")
    if not _holds(connection, _MAY_CREATE, OWNER_ROLE):
        name = connection.execute(sa.text("SELECT quote_ident(current_database())")).scalar_one()
        connection.exec_driver_sql(f"GRANT CREATE ON DATABASE {name} TO {OWNER_ROLE}")
    act_as_owner(connection)
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {CONTROL_SCHEMA}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {CONTROL_SCHEMA} TO {APP_ROLE}")


def _holds(connection: sa.Connection, question: str, role: str) -> bool:
    return connection.execute(sa.text(question), {"role": role}).first() is not None


def _may_become(connection: sa.Connection) -> str:
    """From version 16 on, whoever makes a role is a member of it but may not yet act as it."""
    version = connection.dialect.server_version_info or (0,)
    right = "SET" if version >= _SET_RIGHT_SINCE else "MEMBER"
    return f"SELECT WHERE pg_has_role(current_user, :role, '{right}')"


def act_as_owner(connection: sa.Connection) -> None:
    """Let the rest of the transaction run as the owner role."""
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER_ROLE}")
