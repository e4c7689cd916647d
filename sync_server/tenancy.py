"""The directory of tenants: who they are, and which schema holds their rows."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from migrations.apply import Lineage, upgrade, upgrade_tenant
from migrations.roles import APP_ROLE, CONTROL_SCHEMA, act_as_owner, prepare
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId, new_id
from sync_server.schema import SYNC_HEAD, TENANTS, TOKEN_KEYS


@dataclass(frozen=True, slots=True)
class Tenant:
    """A paying organisation."""

    tenant_id: TenantId
    name: str


def schema_of(tenant_id: str) -> str:
    """The name of a tenant's schema: t_ and 32 hex digits."""
    return f"t_{tenant_id.replace('-', '')}"


def tenants(connection: sa.Connection) -> list[Tenant]:
    """All tenants by name."""
    found = connection.execute(sa.select(TENANTS).order_by(TENANTS.c.name))
    return [Tenant(row.tenant_id, row.name) for row in found]


def tenant_by_id(connection: sa.Connection, tenant_id: str) -> Tenant:
    """One tenant. Raises Rejected("tenant_unknown")."""
    found = connection.execute(sa.select(TENANTS).where(TENANTS.c.tenant_id == tenant_id)).first()
    if found is None:
        raise Rejected("tenant_unknown", tenant=tenant_id)
    return Tenant(found.tenant_id, found.name)


def tenant_named(connection: sa.Connection, name: str) -> Tenant:
    """One tenant by its name. Raises Rejected("tenant_unknown")."""
    found = connection.execute(sa.select(TENANTS).where(TENANTS.c.name == name)).first()
    if found is None:
        raise Rejected("tenant_unknown", tenant=name)
    return Tenant(found.tenant_id, found.name)


def migrate_all(owner: sa.Engine, *, now: datetime) -> int:
    """Bring the control schema and every tenant to the newest revision; gives how many tenants.

    Each tenant has a transaction of its own, so a failure leaves whole schemas on either revision.
    """
    with owner.begin() as connection:
        prepare(connection)
        connection.exec_driver_sql(f"SET LOCAL search_path = {CONTROL_SCHEMA}, pg_temp")
        upgrade(connection, Lineage.CONTROL, schema=CONTROL_SCHEMA)
        _make_token_key(connection, now)
        known = tenants(connection)
    for tenant in known:
        with owner.begin() as connection:
            act_as_owner(connection)
            upgrade_tenant(
                connection, tenant_id=tenant.tenant_id, schema=schema_of(tenant.tenant_id)
            )
    return len(known)


def create_tenant(owner: sa.Engine, name: str, *, now: datetime) -> Tenant:
    """Add a tenant with a schema of its own. Raises Rejected("tenant_name_taken")."""
    tenant = Tenant(TenantId(new_id()), name.strip())
    if not tenant.name:
        raise Rejected("name_missing", field="name")
    schema = schema_of(tenant.tenant_id)
    with owner.begin() as connection:
        act_as_owner(connection)
        taken = sa.select(TENANTS.c.tenant_id).where(TENANTS.c.name == tenant.name)
        if connection.execute(taken).first() is not None:
            raise Rejected("tenant_name_taken", field="name", taken=tenant.name)
        connection.execute(
            sa.insert(TENANTS).values(tenant_id=tenant.tenant_id, name=tenant.name, created_at=now)
        )
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}")
        upgrade_tenant(connection, tenant_id=tenant.tenant_id, schema=schema)
    return tenant


def start_new_epoch(owner: sa.Engine, tenant: Tenant, *, now: datetime) -> int:
    """Tell devices that a backup was restored: places in the lost history are refused from now on.

    Gives the new epoch. It follows the clock, so restoring one backup twice gives two epochs.
    """
    with owner.begin() as connection:
        act_as_owner(connection)
        upgrade_tenant(connection, tenant_id=tenant.tenant_id, schema=schema_of(tenant.tenant_id))
        raised = sa.func.greatest(SYNC_HEAD.c.epoch + 1, int(now.timestamp()))
        change = sa.update(SYNC_HEAD).values(epoch=raised).returning(SYNC_HEAD.c.epoch)
        return int(connection.execute(change).scalar_one())


def first_secret(connection: sa.Connection) -> bytes:
    """The oldest secret of this server. Raises Unavailable("token_key_missing")."""
    oldest = sa.select(TOKEN_KEYS.c.secret).order_by(TOKEN_KEYS.c.created_at).limit(1)
    found: bytes | None = connection.execute(oldest).scalar()
    if found is None:
        raise Unavailable("token_key_missing")
    return found


def _make_token_key(connection: sa.Connection, now: datetime) -> None:
    """Make the key that signs access tokens, once."""
    if connection.execute(sa.select(TOKEN_KEYS.c.key_id)).first() is None:
        made = {"key_id": new_id(), "secret": secrets.token_bytes(32), "created_at": now}
        connection.execute(sa.insert(TOKEN_KEYS).values(made))
