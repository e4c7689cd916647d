"""The only place where SQLite and PostgreSQL differ: how declared tables become DDL."""

from typing import Any

from shared.storage.base import Column, Index, Kind, Reference, TableOf, tables_in_order

TENANT_SETTING = "pycommerce.tenant_id"
"""The PostgreSQL setting that names the tenant of the running transaction."""

_POSTGRES = {
    Kind.ID: "uuid",
    Kind.TEXT: 'text COLLATE "C"',  # text order is byte order on both engines
    Kind.INT: "bigint",
    Kind.BOOL: "boolean",
    Kind.TIME: "timestamptz",
    Kind.DATE: "date",
    Kind.JSON: 'text COLLATE "C"',
    Kind.BYTES: "bytea",
}
_TIME_FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
_SQLITE = {
    Kind.ID: "TEXT",
    Kind.TEXT: "TEXT",
    Kind.INT: "INTEGER",
    Kind.BOOL: "INTEGER",
    Kind.TIME: "TEXT",
    Kind.DATE: "TEXT",
    Kind.JSON: "TEXT",
    Kind.BYTES: "BLOB",
}


def sqlite_ddl() -> tuple[str, ...]:
    """The statements that make every declared table on a device.

    The device trusts the server for uniqueness: a page of changes may pass through states that no
    commit ever had, so unique indexes are plain here and foreign keys are checked at commit.
    """
    statements: list[str] = []
    for table in tables_in_order():
        parts = [_sqlite_column(column) for column in table.columns]
        parts.append(f"PRIMARY KEY ({', '.join(table.key)})")
        parts += [_sqlite_reference(reference) for reference in table.references]
        parts += [f"CONSTRAINT {name} CHECK ({test})" for name, test in table.checks.items()]
        body = ",\n    ".join(parts)
        statements.append(f'CREATE TABLE "{table.name}" (\n    {body}\n) STRICT')
        statements += [_sqlite_index(table, index) for index in table.indexes]
    return tuple(statements)


def postgres_ddl(app_role: str) -> tuple[str, ...]:
    """The statements that make every declared table in a tenant's schema.

    The tenant leads every key, every reference and every index, so no reference can cross a tenant.
    Row-level security is forced: even the owner sees only the tenant of the transaction, and with
    no tenant set every statement fails. The application role may add rows to ledgers but neither
    change nor remove them.
    """
    statements: list[str] = []
    for table in tables_in_order():
        statements += _postgres_table(table)
        rights = "SELECT, INSERT" if table.is_append_only else "SELECT, INSERT, UPDATE, DELETE"
        statements += row_security(table.name, app_role, rights)
    return tuple(statements)


def row_security(name: str, app_role: str, rights: str) -> tuple[str, ...]:
    """The statements that lock a table to the tenant of the transaction and grant `rights`."""
    test = f"tenant_id = current_setting('{TENANT_SETTING}')::uuid"
    return (
        f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant_only ON "{name}" USING ({test}) WITH CHECK ({test})',
        f'GRANT {rights} ON "{name}" TO {app_role}',
    )


def sqlite_form(column: Column) -> str:
    """The PostgreSQL expression for a column's value as SQLite keeps it."""
    name = f't."{column.name}"'
    match column.kind:
        case Kind.ID | Kind.DATE:
            return f"{name}::text"
        case Kind.BOOL:
            return f"{name}::integer"
        case Kind.TIME:
            return f"to_char({name} AT TIME ZONE 'UTC', '{_TIME_FORM}')"
        case _:
            return name


def tenant_column() -> str:
    """The column that stands first in every tenant table."""
    return f"tenant_id uuid NOT NULL DEFAULT current_setting('{TENANT_SETTING}')::uuid"


def _postgres_table(table: TableOf[Any]) -> list[str]:
    parts = [tenant_column()]
    parts += [_postgres_column(column) for column in table.columns]
    parts.append(f"PRIMARY KEY (tenant_id, {', '.join(table.key)})")
    parts += [_postgres_reference(reference) for reference in table.references]
    parts += [f"CONSTRAINT {name} CHECK ({test})" for name, test in table.checks.items()]
    body = ",\n    ".join(parts)
    made = [f'CREATE TABLE "{table.name}" (\n    {body}\n)']
    made += [_postgres_index(table, index) for index in table.indexes]
    return made


def _postgres_column(column: Column) -> str:
    return f"{column.name} {_POSTGRES[column.kind]}{'' if column.is_nullable else ' NOT NULL'}"


def _sqlite_column(column: Column) -> str:
    return f"{column.name} {_SQLITE[column.kind]}{'' if column.is_nullable else ' NOT NULL'}"


def _postgres_reference(reference: Reference) -> str:
    columns = ", ".join(("tenant_id", *reference.columns))
    target = ", ".join(("tenant_id", *_key_of(reference)))
    return f'FOREIGN KEY ({columns}) REFERENCES "{reference.table}" ({target})'


def _sqlite_reference(reference: Reference) -> str:
    columns, target = ", ".join(reference.columns), ", ".join(_key_of(reference))
    return (
        f'FOREIGN KEY ({columns}) REFERENCES "{reference.table}" ({target})'
        " DEFERRABLE INITIALLY DEFERRED"
    )


def _key_of(reference: Reference) -> tuple[str, ...]:
    return next(table.key for table in tables_in_order() if table.name == reference.table)


def _index_name(table: TableOf[Any], index: Index) -> str:
    return f"{'uq' if index.is_unique else 'ix'}_{table.name}_{'_'.join(index.columns)}"


def _postgres_index(table: TableOf[Any], index: Index) -> str:
    unique = "UNIQUE " if index.is_unique else ""
    where = f" WHERE {index.where}" if index.where else ""
    columns = ", ".join(("tenant_id", *index.columns))
    return f'CREATE {unique}INDEX {_index_name(table, index)} ON "{table.name}" ({columns}){where}'


def _sqlite_index(table: TableOf[Any], index: Index) -> str:
    where = f" WHERE {index.where}" if index.where else ""
    columns = ", ".join(index.columns)
    return f'CREATE INDEX {_index_name(table, index)} ON "{table.name}" ({columns}){where}'
