"""Enrolment: a pairing code and a public key become a device of a tenant."""

import base64
import binascii
import logging

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.kernel.clock import Clock
from shared.kernel.errors import Rejected
from shared.kernel.ids import is_id
from shared.kernel.messages import FIRST_HASH
from shared.organization.commands import RegisterDevice, RevokeDevice
from shared.organization.tables import DEVICE, DeviceRow, RegisterRow
from shared.sync.protocol.enrol import EnrolReply, EnrolRequest
from shared.sync.scopes import scopes_for
from sync_server import command_log
from sync_server.auth import links, pairing
from sync_server.auth.links import DeviceLink
from sync_server.auth.pairing import Claim
from sync_server.bootstrap_files import public_text, signing_key
from sync_server.database import Database, TenantWork
from sync_server.tenancy import first_secret, tenant_by_id
from sync_server.work import run_in

_log = logging.getLogger(__name__)
_KEY_BYTES = 32


def enrol(database: Database, clock: Clock, request: EnrolRequest) -> EnrolReply:
    """Make a device out of a pairing code; asked again by the same device, gives the same answer.

    The code is claimed in a transaction of its own before the tenant's begins: if the second one
    fails, the same device may try again with the same code.

    Raises Rejected for a bad code, key or name, or when the register has another device.
    """
    public_key = _public_key(request)
    with database.control() as connection:
        claim = pairing.claim(
            connection,
            request.pairing_code,
            device_id=request.device_id,
            public_key=public_key,
            now=clock.now(),
        )
        tenant = tenant_by_id(connection, claim.place.tenant_id)
        told_key = public_text(signing_key(first_secret(connection)))
    with database.tenant_transaction(tenant.tenant_id) as unit:
        link = _link(unit, request, claim, public_key=public_key)
        place = claim.place
        register = None
        if place.register_id is not None:
            register = unit.rows.require(RegisterRow, place.register_id)
    _log.info("device %s enrolled, client %s", request.device_id, request.client_version[:40])
    return EnrolReply(
        tenant_id=tenant.tenant_id,
        tenant_name=tenant.name,
        device_id=request.device_id,
        incarnation=link.incarnation,
        workspace=place.workspace,
        location_id=place.location_id,
        register_id=place.register_id,
        scopes=scopes_for(place.workspace, place.location_id, place.register_id),
        last_receipt_no=0 if register is None else register.last_receipt_no,
        last_z_no=0 if register is None else register.last_z_no,
        server_time=clock.now(),
        head=str(unit.head),
        signing_key=told_key,
    )


def _link(
    unit: TenantWork, request: EnrolRequest, claim: Claim, *, public_key: bytes
) -> DeviceLink:
    """The device's link after this enrolment."""
    known = links.lock(unit.connection, request.device_id)
    if known is not None and known.pairing_id == claim.pairing_id:
        return known
    if known is None:
        _register(unit, request, claim)
    else:
        _require_same(unit, known, claim, public_key=public_key)
    made = DeviceLink(
        device_id=request.device_id,
        public_key=public_key,
        pairing_id=claim.pairing_id,
        incarnation=1 if known is None else _next_life(unit, known),
        last_seq=0,
        last_hash=FIRST_HASH,
        fenced_at=None,
    )
    links.save(unit.connection, made)
    return made


def _next_life(unit: TenantWork, known: DeviceLink) -> int:
    """One that no command is of, not even one that a neighbour brought to a restored server."""
    last = command_log.last_life(unit.connection, known.device_id)
    return max(known.incarnation, last) + 1


def _register(unit: TenantWork, request: EnrolRequest, claim: Claim) -> None:
    """Record a new device; a register has one device, or two would give out the same numbers."""
    place = claim.place
    if place.register_id is not None:
        others = unit.rows.find(
            DeviceRow,
            DEVICE.c.register_id == place.register_id,
            DEVICE.c.revoked_at.is_(None),
        )
        for other in others:
            if not place.does_replace:
                raise Rejected("register_has_device", device=other.name)
            run_in(unit, RevokeDevice(device_id=other.device_id))
    run_in(
        unit,
        RegisterDevice(
            device_id=request.device_id,
            name=request.name,
            workspace=place.workspace,
            location_id=place.location_id,
            register_id=place.register_id,
        ),
    )


def _require_same(unit: TenantWork, known: DeviceLink, claim: Claim, *, public_key: bytes) -> None:
    """A device that is paired anew keeps its key and its place."""
    device = links.require_admitted(unit.connection, known.device_id)
    place = (claim.place.workspace, claim.place.location_id, claim.place.register_id)
    if known.public_key != public_key:
        raise Rejected("device_id_taken", field="device_id")
    if place != (device.workspace, device.location_id, device.register_id):
        raise Rejected("device_placed_elsewhere", field="pairing_code", device=device.name)


def _public_key(request: EnrolRequest) -> bytes:
    """The raw key. Raises Rejected for an id or a key that is none."""
    if not is_id(request.device_id):
        raise Rejected("id_malformed", field="device_id")
    try:
        raw = base64.b64decode(request.public_key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected("public_key_malformed", field="public_key") from error
    if len(raw) != _KEY_BYTES:
        raise Rejected("public_key_malformed", field="public_key")
    return Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()
