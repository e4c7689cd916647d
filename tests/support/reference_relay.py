"""Who may bring whose commands, and by what neighbours know each other: without a database."""

from itertools import pairwise

from shared.kernel.errors import Rejected
from shared.kernel.ids import TenantId
from shared.organization.tables import DeviceRow
from shared.sync.endpoint import PLACELESS, RELAY_ELSEWHERE, RELAY_FORGED
from shared.sync.protocol.certificate import CertificateReply
from shared.sync.protocol.push import PushState
from shared.sync.protocol.relay import RelayRequest, RelayState, signed_head
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server.auth.certificates import Authority
from sync_server.keys import is_signed

_SECRET = b"the first secret of a server in memory"
RELAYED = {
    PushState.ACCEPTED: RelayState.TAKEN,
    PushState.GAP: RelayState.GAP,
    PushState.FORKED: RelayState.CONFLICT,
}


def require_genuine(
    request: RelayRequest,
    tenant_id: TenantId,
    *,
    bringer: DeviceRow,
    owner: DeviceRow | None,
    public_key: bytes,
) -> None:
    """Raise Rejected: envelope_foreign, relay_elsewhere or relay_forged."""
    for each in request.commands:
        if (each.device_id, each.incarnation) != (request.device_id, request.incarnation):
            raise Rejected("envelope_foreign", seq=each.seq)
    if owner is None or bringer.location_id is None or owner == bringer:
        raise Rejected(RELAY_ELSEWHERE)
    if owner.location_id != bringer.location_id:
        raise Rejected(RELAY_ELSEWHERE)
    last = request.commands[-1]
    head = signed_head(
        tenant_id,
        request.device_id,
        incarnation=request.incarnation,
        seq=last.seq,
        digest=last.digest(),
    )
    hangs_together = all(
        after.seq == before.seq + 1 and after.prev_hash == before.digest()
        for before, after in pairwise(request.commands)
    )
    if not hangs_together or not is_signed(head, request.signature, public_key=public_key):
        raise Rejected(RELAY_FORGED, device=owner.name)


def certificate_of(tenant_id: TenantId, device: DeviceRow, public_key: bytes) -> CertificateReply:
    """What a device shows its neighbours. Raises Rejected(PLACELESS)."""
    if device.location_id is None:
        raise Rejected(PLACELESS, device=device.name)
    authority = Authority(_SECRET, tenant_id)
    return CertificateReply(
        protocol=PROTOCOL_VERSION,
        certificate=authority.certify(device.device_id, device.location_id, public_key),
        authority=authority.certificate(),
    )
