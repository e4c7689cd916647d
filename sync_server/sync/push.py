"""Push: a device's commands are decided in their order, each exactly once."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from shared.kernel.errors import Rejected
from shared.kernel.messages import Envelope
from shared.sync.endpoint import FORKED
from shared.sync.protocol.push import PushReply, PushRequest, PushState
from sync_server.auth import links
from sync_server.auth.links import DeviceLink
from sync_server.auth.tokens import Identity
from sync_server.database import Database, TenantWork
from sync_server.sync import turns
from sync_server.sync.turns import Stop, Turn

_log = logging.getLogger(__name__)
_STATES = {None: PushState.ACCEPTED, Stop.GAP: PushState.GAP, Stop.SPLIT: PushState.FORKED}


def push(database: Database, identity: Identity, request: PushRequest) -> PushReply:
    """Decide the commands that are new and give the outcomes of all.

    Raises Rejected: device_unknown, device_revoked, push_too_large, protocol_unknown,
    envelope_foreign; Unavailable. None of these uses up a command.
    """
    turns.check(
        request.commands,
        protocol=request.protocol,
        device_id=identity.device_id,
        incarnation=request.incarnation,
    )

    def take(unit: TenantWork, commands: Sequence[Envelope]) -> Turn:
        return _take(unit, identity, commands, incarnation=request.incarnation)

    taken = turns.in_turns(database, identity.tenant_id, request.commands, take=take)
    state = _STATES[taken.stop]
    _log.info("device %s pushed %d commands: %s", identity.device_id, len(taken.outcomes), state)
    return PushReply(state=state, expected_seq=taken.reach.seq + 1, outcomes=taken.outcomes)


def _take(
    unit: TenantWork, identity: Identity, commands: Sequence[Envelope], *, incarnation: int
) -> Turn:
    """One turn of a push."""
    link = links.lock(unit.connection, identity.device_id)
    device = links.require_admitted(unit.connection, identity.device_id)
    if link is None:
        raise Rejected("device_unknown")
    turn = turns.begin(unit, device, commands, reach=link.reach)
    if link.fenced_at is not None or link.incarnation != incarnation:
        turn.stop = Stop.SPLIT
        return turn
    turns.take(turn, commands)
    if turn.stop is Stop.SPLIT:
        _fence(turn, link, commands[len(turn.taken) :])
    elif turn.reach != link.reach:
        links.save(unit.connection, link.moved(turn.reach))
    return turn


def _fence(turn: Turn, link: DeviceLink, commands: Sequence[Envelope]) -> None:
    """Shut out a device whose journal went two ways; keep what it sent and tell people."""
    links.save(turn.unit.connection, replace(link.moved(turn.reach), fenced_at=turn.unit.at))
    forked = Rejected(FORKED, device=turn.device.name, seq=commands[0].seq)
    turns.keep(turn, commands)
    turns.tell(turn, forked, what="push")
