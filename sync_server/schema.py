"""The server's own tables, for queries; the migrations make them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from migrations.roles import CONTROL_SCHEMA

ID = UUID(as_uuid=False)
TIME = sa.DateTime(timezone=True)
_CONTROL = sa.MetaData(schema=CONTROL_SCHEMA)
_TENANT = sa.MetaData()


TENANTS = sa.Table(
    "tenant",
    _CONTROL,
    sa.Column("tenant_id", ID, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("created_at", TIME),
)
TOKEN_KEYS = sa.Table(
    "token_key",
    _CONTROL,
    sa.Column("key_id", ID, primary_key=True),
    sa.Column("secret", sa.LargeBinary),
    sa.Column("created_at", TIME),
)
PAIRING_CODES = sa.Table(
    "pairing_code",
    _CONTROL,
    sa.Column("pairing_id", ID, primary_key=True),
    sa.Column("code_hash", sa.Text),
    sa.Column("tenant_id", ID),
    sa.Column("workspace", sa.Text),
    sa.Column("location_id", ID),
    sa.Column("register_id", ID),
    sa.Column("does_replace", sa.Boolean),
    sa.Column("created_at", TIME),
    sa.Column("expires_at", TIME),
    sa.Column("used_at", TIME),
    sa.Column("device_id", ID),
    sa.Column("public_key", sa.LargeBinary),
)
SYNC_HEAD = sa.Table(
    "sync_head",
    _TENANT,
    sa.Column("epoch", sa.BigInteger),
    sa.Column("seq", sa.BigInteger),
    sa.Column("log_from", sa.BigInteger),
)
CHANGE_LOG = sa.Table(
    "change_log",
    _TENANT,
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("ord", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("scope", sa.Text),
    sa.Column("tbl", sa.Text),
    sa.Column("key", sa.Text),
    sa.Column("op", sa.Text),
    sa.Column("image", sa.Text),
    sa.Column("digest", sa.BigInteger),
)
SCOPE_DIGEST = sa.Table(
    "scope_digest",
    _TENANT,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("tbl", sa.Text, primary_key=True),
    sa.Column("row_count", sa.BigInteger),
    sa.Column("digest_sum", sa.BigInteger),
)
COMMAND_LOG = sa.Table(
    "command_log",
    _TENANT,
    sa.Column("device_id", ID, primary_key=True),
    sa.Column("incarnation", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("cmd_id", ID),
    sa.Column("name", sa.Text),
    sa.Column("version", sa.BigInteger),
    sa.Column("hash", sa.Text),
    sa.Column("envelope", sa.LargeBinary),
    sa.Column("state", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("field", sa.Text),
    sa.Column("params", sa.Text),
    sa.Column("commit_seq", sa.BigInteger),
    sa.Column("decided_at", TIME),
)
DEVICE_LINK = sa.Table(
    "device_link",
    _TENANT,
    sa.Column("device_id", ID, primary_key=True),
    sa.Column("public_key", sa.LargeBinary),
    sa.Column("pairing_id", ID),
    sa.Column("incarnation", sa.BigInteger),
    sa.Column("last_seq", sa.BigInteger),
    sa.Column("last_hash", sa.Text),
    sa.Column("fenced_at", TIME),
)
FORK_LOG = sa.Table(
    "fork_log",
    _TENANT,
    sa.Column("device_id", ID, primary_key=True),
    sa.Column("incarnation", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("envelope", sa.LargeBinary),
    sa.Column("found_at", TIME),
)
TOKEN_NONCE = sa.Table(
    "token_nonce",
    _TENANT,
    sa.Column("device_id", ID, primary_key=True),
    sa.Column("nonce", sa.Text, primary_key=True),
    sa.Column("expires_at", TIME),
)
TENANT_TABLES = tuple(_TENANT.tables.values())
"""Those of every tenant's schema; on the server each has a tenant_id besides."""
