"""Relay: commands that a neighbour brings are decided exactly as if their own device had come."""

import logging
from collections.abc import Sequence
from itertools import pairwise

from shared.kernel.errors import Rejected
from shared.kernel.ids import is_id
from shared.kernel.messages import Envelope
from shared.organization.tables import DeviceRow
from shared.sync.endpoint import RELAY_ELSEWHERE, RELAY_FORGED
from shared.sync.protocol.relay import RelayReply, RelayRequest, RelayState, signed_head
from sync_server import command_log
from sync_server.auth import links
from sync_server.auth.links import DeviceLink
from sync_server.auth.tokens import Identity
from sync_server.database import Database, TenantWork
from sync_server.keys import is_signed
from sync_server.sync import turns
from sync_server.sync.turns import Stop, Turn

_log = logging.getLogger(__name__)
_STATES = {None: RelayState.TAKEN, Stop.GAP: RelayState.GAP, Stop.SPLIT: RelayState.CONFLICT}


def relay(database: Database, identity: Identity, request: RelayRequest) -> RelayReply:
    """Decide the commands of a neighbour that are new; its own push gets their outcomes later.

    It never fences their owner: what does not fit its chain is kept beside it, with a case.

    Raises Rejected: device_unknown, device_revoked, push_too_large, protocol_unknown,
    envelope_foreign, relay_elsewhere, relay_forged; Unavailable. None of these uses up a command.
    """
    turns.check(
        request.commands,
        protocol=request.protocol,
        device_id=request.device_id,
        incarnation=request.incarnation,
    )
    _require_chain(request)

    def take(unit: TenantWork, commands: Sequence[Envelope]) -> Turn:
        return _take(unit, identity, commands, request=request)

    taken = turns.in_turns(database, identity.tenant_id, request.commands, take=take)
    state = _STATES[taken.stop]
    _log.info(
        "device %s relayed %d commands of %s: %s",
        identity.device_id,
        len(taken.outcomes),
        request.device_id,
        state,
    )
    return RelayReply(state=state, last_seq=taken.reach.seq)


def _take(
    unit: TenantWork, identity: Identity, commands: Sequence[Envelope], *, request: RelayRequest
) -> Turn:
    """One turn of a relay.

    A life that is not the owner's present one goes on where the log has it to: what only the copies
    of neighbours hold arrives all the same. In the present life the link moves along, also that of
    a fenced device, since pages tell from it what their rows contain.
    """
    owner, link = _owner(unit, identity, request)
    is_present = link.incarnation == request.incarnation
    reach = link.reach
    if not is_present:
        reach = command_log.reach(unit.connection, owner.device_id, incarnation=request.incarnation)
    turn = turns.begin(unit, owner, commands, reach=reach)
    turns.take(turn, commands)
    if turn.stop is Stop.SPLIT:
        _keep_apart(turn, commands[len(turn.taken) :])
    if is_present and turn.reach != reach:
        links.save(unit.connection, link.moved(turn.reach))
    return turn


def _owner(
    unit: TenantWork, identity: Identity, request: RelayRequest
) -> tuple[DeviceRow, DeviceLink]:
    """The neighbour whose commands these are by its signature; it may have been shut out since."""
    bringer = links.require_admitted(unit.connection, identity.device_id)
    if not is_id(request.device_id) or request.device_id == identity.device_id:
        raise Rejected(RELAY_ELSEWHERE)
    owner, link = (
        unit.rows.get(DeviceRow, request.device_id),
        links.lock(unit.connection, request.device_id),
    )
    if owner is None or link is None or bringer.location_id is None:
        raise Rejected(RELAY_ELSEWHERE)
    if owner.location_id != bringer.location_id:
        raise Rejected(RELAY_ELSEWHERE)
    last = request.commands[-1]
    head = signed_head(
        identity.tenant_id,
        owner.device_id,
        incarnation=request.incarnation,
        seq=last.seq,
        digest=last.digest(),
    )
    if not is_signed(head, request.signature, public_key=link.public_key):
        raise Rejected(RELAY_FORGED, device=owner.name)
    return owner, link


def _require_chain(request: RelayRequest) -> None:
    """The signature of the last one holds only for those that hang together with it."""
    for before, after in pairwise(request.commands):
        if after.seq != before.seq + 1 or after.prev_hash != before.digest():
            raise Rejected(RELAY_FORGED, device=request.device_id)


def _keep_apart(turn: Turn, commands: Sequence[Envelope]) -> None:
    """Keep what has no place in the chain and tell people, once however many bring it.

    What was decided under another place is no loss: a device that is paired anew takes along what
    it has not sent yet.
    """
    known = turns.known_among(turn.unit, commands)
    lost = [each for each in commands if turns.safe_id(each) not in known]
    if lost and not turns.keep(turn, lost):
        odd = Rejected("relay_conflict", device=turn.device.name, seq=lost[0].seq)
        turns.tell(turn, odd, what="relay")
