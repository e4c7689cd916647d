"""Whether commands that came through other hands are their owner's."""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID

from desktop.hub.tls import Neighbour
from shared.kernel.errors import Rejected
from shared.kernel.ids import DeviceId, LocationId, TenantId
from shared.organization.tables import DEVICE, DeviceRow
from shared.storage.reader import Reader
from shared.sync.protocol.hub import SignedCommands
from shared.sync.protocol.relay import signed_head

FORGED = "copy_forged"
"""Rejected: what came does not bear the signature of the device that it names."""


class Trust:
    """Checks certificates against the tenant's authority, and signatures against certificates."""

    def __init__(self, authority: str) -> None:
        """`authority` is its own certificate in PEM."""
        self._authority = x509.load_pem_x509_certificate(authority.encode())
        self._known: dict[str, tuple[Neighbour, Ed25519PublicKey]] = {}

    def require_genuine(self, shared: SignedCommands, *, of: Neighbour) -> None:
        """Raise Rejected("copy_forged") unless a device beside `of` has signed these commands."""
        owner, key = self._owner(shared.certificate)
        is_beside = (owner.tenant_id, owner.location_id) == (of.tenant_id, of.location_id)
        if owner.device_id != shared.life.device_id or not is_beside:
            raise Rejected(FORGED)
        last = shared.commands[-1]
        message = signed_head(
            owner.tenant_id,
            owner.device_id,
            incarnation=shared.life.incarnation,
            seq=last.seq,
            digest=last.digest(),
        )
        try:
            key.verify(base64.b64decode(shared.signature, validate=True), message)
        except (InvalidSignature, binascii.Error) as error:
            raise Rejected(FORGED) from error

    def _owner(self, certificate: str) -> tuple[Neighbour, Ed25519PublicKey]:
        known = self._known.get(certificate)
        if known is None:
            known = self._known[certificate] = self._checked(certificate)
        return known

    def _checked(self, certificate: str) -> tuple[Neighbour, Ed25519PublicKey]:
        try:
            made = x509.load_pem_x509_certificate(certificate.encode())
            made.verify_directly_issued_by(self._authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise Rejected(FORGED) from error
        key = made.public_key()
        if not isinstance(key, Ed25519PublicKey):
            raise Rejected(FORGED)
        names = [
            _name(made, oid)
            for oid in (
                NameOID.ORGANIZATION_NAME,
                NameOID.ORGANIZATIONAL_UNIT_NAME,
                NameOID.COMMON_NAME,
            )
        ]
        tenant_id, location_id, device_id = names
        owner = Neighbour(TenantId(tenant_id), LocationId(location_id), DeviceId(device_id))
        return owner, key


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    if len(found) != 1:
        raise Rejected(FORGED)
    return str(found[0].value)


def name_of(reader: Reader, who: Neighbour) -> str | None:
    """The name of a device that may work for the shop; None for any other."""
    found = reader.find(
        DeviceRow, DEVICE.c.device_id == who.device_id, DEVICE.c.revoked_at.is_(None)
    )
    return found[0].name if found else None
