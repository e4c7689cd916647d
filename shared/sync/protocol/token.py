"""A short-lived access token for a device that proves its key."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import DeviceId, TenantId
from shared.kernel.messages import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A signed statement: this device, now; `signature` is Ed25519 in base64."""

    tenant_id: TenantId
    device_id: DeviceId
    issued_at: datetime
    nonce: str
    signature: str

    @staticmethod
    def signed_bytes(tenant_id: str, device_id: str, *, issued_at: datetime, nonce: str) -> bytes:
        """The bytes that the device key signs."""
        parts = ["pycommerce-token-1", tenant_id, device_id, issued_at, nonce]
        return canonical_json(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReply:
    """A bearer token, valid for at most ten minutes.

    `signing_key` is the raw Ed25519 key, in base64, that the server signs its files with: devices
    that were paired before there was one hear of it here.
    """

    access_token: str
    expires_at: datetime
    signing_key: str = ""
