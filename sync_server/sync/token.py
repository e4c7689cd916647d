"""Token requests: a device proves its key and gets a short-lived access token."""

import base64
import binascii
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.dialects import postgresql

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.kernel.ids import is_id
from shared.storage.types import time_to_text
from shared.sync.protocol.token import TokenReply, TokenRequest
from sync_server.auth import links
from sync_server.auth.tokens import Tokens
from sync_server.bootstrap_files import public_text, signing_key
from sync_server.database import Database
from sync_server.schema import TENANTS, TOKEN_NONCE
from sync_server.tenancy import first_secret

CLOCK_TOLERANCE = timedelta(minutes=10)
_LONGEST_NONCE = 64


def exchange(
    database: Database, clock: Clock, request: TokenRequest, *, tokens: Tokens
) -> TokenReply:
    """Check a signed statement and give a token for it.

    Raises Rejected: token_refused for anything that does not prove the key, device_revoked,
    clock_off with the server's time, or nonce_used for a repeated statement.
    """
    _check_form(request)
    now = clock.now()
    with database.control() as connection:
        known = sa.select(TENANTS.c.tenant_id).where(TENANTS.c.tenant_id == request.tenant_id)
        if connection.execute(known).first() is None:
            raise Rejected("token_refused")
        told_key = public_text(signing_key(first_secret(connection)))
    with database.tenant_session(request.tenant_id) as connection:
        link = links.find(connection, request.device_id)
        if link is None or not _is_signed(request, link.public_key):
            raise Rejected("token_refused")
        links.require_admitted(connection, request.device_id)
        if abs(now - request.issued_at) > CLOCK_TOLERANCE:
            raise Rejected("clock_off", server_time=time_to_text(now))
        _use_nonce(connection, request, now)
    token, expires_at = tokens.issue(request.tenant_id, request.device_id)
    return TokenReply(access_token=token, expires_at=expires_at, signing_key=told_key)


def _check_form(request: TokenRequest) -> None:
    is_sound = (
        is_id(request.tenant_id)
        and is_id(request.device_id)
        and request.issued_at.tzinfo is not None
        and 0 < len(request.nonce) <= _LONGEST_NONCE
        and request.nonce.isprintable()
    )
    if not is_sound:
        raise Rejected("token_refused")


def _is_signed(request: TokenRequest, public_key: bytes) -> bool:
    signed = TokenRequest.signed_bytes(
        request.tenant_id, request.device_id, issued_at=request.issued_at, nonce=request.nonce
    )
    try:
        signature = base64.b64decode(request.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _use_nonce(connection: sa.Connection, request: TokenRequest, now: datetime) -> None:
    """Remember the nonce for as long as its statement would be taken."""
    c = TOKEN_NONCE.c
    is_past = sa.and_(c.device_id == request.device_id, c.expires_at < now)
    connection.execute(sa.delete(TOKEN_NONCE).where(is_past))
    remembered = connection.execute(
        postgresql.insert(TOKEN_NONCE)
        .values(
            device_id=request.device_id,
            nonce=request.nonce,
            expires_at=request.issued_at + 2 * CLOCK_TOLERANCE,
        )
        .on_conflict_do_nothing()
        .returning(c.nonce)
    )
    if remembered.first() is None:
        raise Rejected("nonce_used")
