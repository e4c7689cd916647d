"""What a device shows its neighbours, so that they know it without the server."""

from shared.kernel.errors import Rejected
from shared.sync.endpoint import PLACELESS
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server.auth import links
from sync_server.auth.certificates import Authority
from sync_server.auth.tokens import Identity
from sync_server.database import Database
from sync_server.tenancy import first_secret


def certificate(database: Database, identity: Identity) -> CertificateReply:
    """The asking device's certificate, for the key on record.

    Raises Rejected: device_unknown, device_revoked or device_has_no_location.
    """
    with database.tenant_snapshot(identity.tenant_id) as connection:
        device = links.require_admitted(connection, identity.device_id)
        link = links.require(connection, identity.device_id)
    if device.location_id is None:
        raise Rejected(PLACELESS, device=device.name)
    with database.control() as connection:
        authority = Authority(first_secret(connection), identity.tenant_id)
    return CertificateReply(
        protocol=PROTOCOL_VERSION,
        certificate=authority.certify(device.device_id, device.location_id, link.public_key),
        authority=authority.certificate(),
    )
