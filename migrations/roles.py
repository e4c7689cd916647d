"""The two database roles of a server: one owns the tables, the other works with them."""

import sqlalchemy as sa

OWNER_ROLE = "pycommerce_owner"
"""Owns every schema and table; used for migrations and for the directory of tenants."""
APP_ROLE = "pycommerce_app"
"""What requests run as: owns nothing, cannot go round row-level security."""
CONTROL_SCHEMA = "pycommerce_control"

_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def prepare(connection: sa.Connection) -> None:
    """Make the roles and the control schema where they are missing.

    Needs a login that may create roles, unless somebody has made them before.
    """
    known = set(
        connection.execute(
            sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"),
            {"names": [OWNER_ROLE, APP_ROLE]},
        ).scalars()
    )
    for role in (OWNER_ROLE, APP_ROLE):
        if role not in known:
            connection.exec_driver_sql(_ROLE.format(role=role))
        is_member = connection.execute(
            sa.text("SELECT pg_has_role(current_user, :role, 'MEMBER')"), {"role": role}
        ).scalar_one()
        if not is_member:
            connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")
    database = connection.execute(sa.text("SELECT quote_ident(current_database())")).scalar_one()
    may_create = connection.execute(
        sa.text("SELECT has_database_privilege(:role, current_database(), 'CREATE')"),
        {"role": OWNER_ROLE},
    ).scalar_one()
    if not may_create:
        connection.exec_driver_sql(f"GRANT CREATE ON DATABASE {database} TO {OWNER_ROLE}")
    act_as_owner(connection)
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {CONTROL_SCHEMA}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {CONTROL_SCHEMA} TO {APP_ROLE}")


def act_as_owner(connection: sa.Connection) -> None:
    """Let the rest of the transaction run as the owner role."""
    connection.exec_driver_sql(f"SET LOCAL ROLE {OWNER_ROLE}")
