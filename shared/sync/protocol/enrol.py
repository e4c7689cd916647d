"""Enrolment: a pairing code and a public key become a device."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.ids import DeviceId, LocationId, RegisterId, TenantId
from shared.organization.commands import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """What a new device says; `public_key` is a raw Ed25519 key in base64.

    The device makes its own `device_id`, so a repeated request after a lost reply finds itself.
    """

    pairing_code: str
    device_id: DeviceId
    public_key: str
    name: str
    client_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolReply:
    """Who the device is from now on, and which scopes it holds.

    `head` is the tenant's: its epoch tells a device that knew another one that the server was put
    back in time since. `signing_key` is the raw Ed25519 key, in base64, that the server signs its
    files with.
    """

    tenant_id: TenantId
    tenant_name: str
    device_id: DeviceId
    incarnation: int
    workspace: Workspace
    location_id: LocationId | None
    register_id: RegisterId | None
    scopes: tuple[str, ...]
    last_receipt_no: int
    last_z_no: int
    server_time: datetime
    head: str
    signing_key: str = ""
