"""Access tokens: short-lived, bound to one device of one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import DeviceId, TenantId, is_id
from sync_server.database import Database
from sync_server.schema import TOKEN_KEYS

_ALGORITHM = "HS256"
_ISSUER = "pycommerce"
_AUDIENCE = "sync"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is speaking, and until when that was checked."""

    tenant_id: TenantId
    device_id: DeviceId
    expires_at: datetime


class Tokens:
    """Issues tokens and reads them; the keys are read from the directory at first use."""

    def __init__(self, database: Database, clock: Clock, *, minutes: int) -> None:
        self._database = database
        self._clock = clock
        self._lifetime = timedelta(minutes=minutes)
        self._keys: Mapping[str, bytes] = {}

    def issue(self, tenant_id: TenantId, device_id: DeviceId) -> tuple[str, datetime]:
        """A token for a device that has just proved its key, and when it ends."""
        now = self._clock.now()
        expires_at = (now + self._lifetime).replace(microsecond=0)
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "tid": tenant_id,
            "sub": device_id,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        key_id, secret = next(iter(self._signing_keys().items()))
        return jwt.encode(claims, secret, _ALGORITHM, headers={"kid": key_id}), expires_at

    def read(self, authorization: str | None) -> Identity:
        """Whom an Authorization header names.

        Raises Rejected: token_missing, token_invalid or token_expired.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Rejected("token_missing")
        identity = self._identity(self._claims(token.strip()))
        if identity.expires_at <= self._clock.now():
            raise Rejected("token_expired")
        return identity

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            secret = self._signing_keys().get(str(key_id))
            if secret is None:
                raise Rejected("token_invalid")
            return jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                # Times are compared with our own clock, by the caller.
                options={
                    "require": ["exp", "sub"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise Rejected("token_invalid") from error

    @staticmethod
    def _identity(claims: dict[str, Any]) -> Identity:
        tenant_id, device_id, ends = (claims.get(name) for name in ("tid", "sub", "exp"))
        if not (
            isinstance(tenant_id, str)
            and isinstance(device_id, str)
            and is_id(tenant_id)
            and is_id(device_id)
            and isinstance(ends, int)
        ):
            raise Rejected("token_invalid")
        expires_at = datetime.fromtimestamp(ends, UTC)
        return Identity(TenantId(tenant_id), DeviceId(device_id), expires_at)

    def _signing_keys(self) -> Mapping[str, bytes]:
        """All keys by id, newest first."""
        if not self._keys:
            newest_first = sa.select(TOKEN_KEYS).order_by(TOKEN_KEYS.c.created_at.desc())
            with self._database.control() as connection:
                found = connection.execute(newest_first).all()
            if not found:
                raise Unavailable("token_key_missing")
            self._keys = {row.key_id: row.secret for row in found}
        return self._keys
