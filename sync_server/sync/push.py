"""Push: a device's commands are decided in their order, each exactly once."""

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.dialects import postgresql

from shared.inbox.repository import open_case
from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import UserId, is_id, new_id
from shared.kernel.messages import (
    Command,
    Envelope,
    Nature,
    Outcome,
    OutcomeState,
    canonical_json,
)
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.tables import DeviceRow, UserRow
from shared.runtime.bus import decide, set_aside
from shared.runtime.read_ahead import read_ahead
from shared.runtime.registry import command_type, read_command
from shared.sync.protocol.push import (
    MAX_COMMANDS,
    CommandOutcome,
    PushReply,
    PushRequest,
    PushState,
)
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server import command_log
from sync_server.auth import links
from sync_server.auth.links import DeviceLink
from sync_server.auth.tokens import Identity
from sync_server.command_log import Decided
from sync_server.database import Database, TenantWork
from sync_server.schema import FORK_LOG

_log = logging.getLogger(__name__)

MAX_PER_COMMIT = 50
MAX_SECONDS_PER_COMMIT = 0.1
"""After so many commands, or so long, a transaction commits and the next one goes on."""
NOBODY = Actor(user_id=None, permissions=frozenset())
_LONGEST_NAME = 64
_BIGGEST = 1 << 63
_KEEP_FORK = postgresql.insert(FORK_LOG).on_conflict_do_nothing()


@dataclass(slots=True)
class _Turn:
    """One transaction's share of a push."""

    unit: TenantWork
    device: DeviceRow
    link: DeviceLink
    stored: dict[int, command_log.Logged]
    """The device's commands among those sent that the log has already."""
    known: dict[str, Outcome]
    """Outcomes by command id of those sent that came before under another seq or device."""
    read: dict[int, Command]
    """The new commands among those sent that can be read, by seq."""
    taken: list[CommandOutcome] = field(default_factory=list)
    state: PushState = PushState.ACCEPTED


def push(database: Database, identity: Identity, request: PushRequest) -> PushReply:
    """Decide the commands that are new and give the outcomes of all.

    Commands are committed in turns of up to MAX_PER_COMMIT; when the connection or the server dies
    in between, what was committed has its stored outcomes and the rest is still with the device.

    Raises Rejected: device_unknown, device_revoked, push_too_large, protocol_unknown,
    envelope_foreign; Unavailable. None of these uses up a command.
    """
    _check(identity, request)
    taken: list[CommandOutcome] = []
    while True:
        rest = replace(request, commands=request.commands[len(taken) :])
        try:
            turn = _turn(database, identity, rest, is_careful=False)
        except Unavailable as obstacle:
            if obstacle.code != "writes_refused":
                raise
            _log.info("device %s: one of its commands breaks the database", identity.device_id)
            turn = _turn(database, identity, rest, is_careful=True)
        taken += turn.taken
        if turn.state is not PushState.ACCEPTED or len(taken) == len(request.commands):
            _log.info(
                "device %s pushed %d commands: %s", identity.device_id, len(taken), turn.state
            )
            return PushReply(
                state=turn.state, expected_seq=turn.link.last_seq + 1, outcomes=tuple(taken)
            )


def _turn(
    database: Database, identity: Identity, request: PushRequest, *, is_careful: bool
) -> _Turn:
    """Decide as many commands as fit into one transaction.

    As a rule their writes go to the database together. When it refuses one of them, the turn is
    taken again carefully, each command's writes by themselves, which shows whose fault it was.
    """
    with database.tenant_transaction(identity.tenant_id, defers=not is_careful) as unit:
        turn = _start(unit, identity, request.commands)
        if turn.link.fenced_at is not None or turn.link.incarnation != request.incarnation:
            turn.state = PushState.FORKED
        else:
            _take(turn, request.commands)
    return turn


def _check(identity: Identity, request: PushRequest) -> None:
    """A wrong request as a whole is a fault of the client; its commands stay where they are."""
    if request.protocol > PROTOCOL_VERSION:
        raise Rejected("protocol_unknown", known=PROTOCOL_VERSION)
    if len(request.commands) > MAX_COMMANDS:
        raise Rejected("push_too_large", limit=MAX_COMMANDS)
    for envelope in request.commands:
        origin = (envelope.device_id, envelope.incarnation)
        if origin != (identity.device_id, request.incarnation) or not 0 < envelope.seq < _BIGGEST:
            raise Rejected("envelope_foreign", seq=envelope.seq)


def _start(unit: TenantWork, identity: Identity, commands: Sequence[Envelope]) -> _Turn:
    """Lock the device and look up what the log knows of the commands."""
    link = links.lock(unit.connection, identity.device_id)
    device = links.require_admitted(unit.connection, identity.device_id)
    if link is None:
        raise Rejected("device_unknown")
    stored: dict[int, command_log.Logged] = {}
    known: dict[str, Outcome] = {}
    if commands and commands[0].seq <= link.last_seq:
        stored = command_log.by_seq(
            unit.connection,
            link.device_id,
            incarnation=link.incarnation,
            first=commands[0].seq,
            last=commands[-1].seq,
        )
    new = [each for each in commands if each.seq > link.last_seq][:MAX_PER_COMMIT]
    read: dict[int, Command] = {}
    if new:
        known = command_log.by_id(unit.connection, [_safe_id(each) for each in new])
        read = {each.seq: command for each in new if (command := _readable(each)) is not None}
        read_ahead(unit.rows, read.values(), _station(device))
    return _Turn(unit, device, link, stored, known, read)


def _readable(envelope: Envelope) -> Command | None:
    """The command in an envelope, or None where nobody can say what it wants."""
    try:
        return _command(envelope)
    except Rejected:
        return None


def _command(envelope: Envelope) -> Command:
    """The command in an envelope. Raises Rejected."""
    _check_header(envelope)
    return read_command(envelope.name, envelope.version, envelope.args)


def _take(turn: _Turn, commands: Sequence[Envelope]) -> None:
    """Go through the commands until the turn is full or one does not follow on."""
    started = time.monotonic()
    for position, envelope in enumerate(commands):
        digest = envelope.digest()
        if envelope.seq <= turn.link.last_seq:
            seen = turn.stored.get(envelope.seq)
            if seen is None or seen.hash != digest:
                _fence(turn, commands[position:])
                break
            turn.taken.append(seen.answer)
        elif envelope.seq > turn.link.last_seq + 1:
            turn.state = PushState.GAP
            break
        elif envelope.prev_hash != turn.link.last_hash:
            _fence(turn, commands[position:])
            break
        elif _is_full(turn, started):
            break
        else:
            _decide(turn, envelope, digest)
    if turn.unit.decided:
        links.save(turn.unit.connection, turn.link)


def _is_full(turn: _Turn, started: float) -> bool:
    count = len(turn.unit.decided)
    return count >= MAX_PER_COMMIT or (
        count > 0 and time.monotonic() - started > MAX_SECONDS_PER_COMMIT
    )


def _decide(turn: _Turn, envelope: Envelope, digest: str) -> None:
    """Settle one new command and remember it as the last of its device."""
    cmd_id, unit = _safe_id(envelope), turn.unit
    outcome = turn.known.get(cmd_id)
    if outcome is None:
        outcome = turn.known[cmd_id] = _outcome(turn, envelope, cmd_id)
    decided = Decided(
        envelope=envelope,
        hash=digest,
        cmd_id=cmd_id,
        name=_safe_name(envelope),
        outcome=outcome,
    )
    unit.decided.append(decided)
    answer = CommandOutcome(seq=envelope.seq, cmd_id=cmd_id, commit_seq=unit.seq, outcome=outcome)
    turn.stored[envelope.seq] = command_log.Logged(digest, answer)
    turn.taken.append(answer)
    turn.link = replace(turn.link, last_seq=envelope.seq, last_hash=digest)


def _outcome(turn: _Turn, envelope: Envelope, cmd_id: str) -> Outcome:
    """Run a command as the authority; what cannot be read is set aside as it came."""
    rows = turn.unit.rows
    try:
        command = turn.read.get(envelope.seq) or _command(envelope)
    except Rejected as unreadable:
        context = _context(turn, envelope, cmd_id=cmd_id, actor=NOBODY)
        return set_aside(rows, context, unreadable, state=OutcomeState.QUARANTINED)
    context = _context(turn, envelope, cmd_id=cmd_id, actor=_actor(turn, envelope))
    return decide(command, rows, context)


def _context(turn: _Turn, envelope: Envelope, *, cmd_id: str, actor: Actor) -> Context:
    return Context(
        tenant_id=turn.unit.tenant_id,
        command_id=cmd_id,
        command_name=_safe_name(envelope),
        nature=_nature(envelope.name),
        phase=Phase.AUTHORITY,
        actor=actor,
        station=_station(turn.device),
        business_at=_safe_time(turn, envelope),
        numbers=envelope.numbers,
    )


def _nature(name: str) -> Nature:
    """What is not known may have happened, so it counts as a fact."""
    try:
        return command_type(name).NATURE
    except Rejected:
        return Nature.FACT


def _station(device: DeviceRow) -> Station:
    return Station(
        device_id=device.device_id,
        location_id=device.location_id,
        register_id=device.register_id,
    )


def _actor(turn: _Turn, envelope: Envelope) -> Actor:
    """The person by our own records; a device cannot say what somebody may do."""
    if envelope.actor_id is None:
        return NOBODY
    user = turn.unit.rows.get(UserRow, envelope.actor_id)
    may = (
        frozenset[Permission]()
        if user is None or not user.is_active
        else ROLE_PERMISSIONS[user.role]
    )
    return Actor(user_id=UserId(envelope.actor_id), permissions=may)


def _fence(turn: _Turn, commands: Sequence[Envelope]) -> None:
    """Shut out a device whose journal went two ways; keep what it sent and tell people."""
    unit, link = turn.unit, turn.link
    turn.state = PushState.FORKED
    turn.link = replace(link, fenced_at=unit.at)
    links.save(unit.connection, turn.link)
    unit.connection.execute(
        _KEEP_FORK,
        [
            {
                "device_id": link.device_id,
                "incarnation": link.incarnation,
                "seq": each.seq,
                "hash": each.digest(),
                "envelope": canonical_json(each),
                "found_at": unit.at,
            }
            for each in commands
        ],
    )
    context = Context(
        tenant_id=unit.tenant_id,
        command_id=new_id(),
        command_name="push",
        nature=Nature.FACT,
        phase=Phase.AUTHORITY,
        actor=NOBODY,
        station=_station(turn.device),
        business_at=unit.at,
    )
    forked = Rejected("device_forked", device=turn.device.name, seq=commands[0].seq)
    open_case(unit.rows, context, oddity=forked)


def _check_header(envelope: Envelope) -> None:
    """Raise Rejected("envelope_malformed") for what could not be stored or looked up."""
    if not is_id(envelope.cmd_id):
        raise Rejected("envelope_malformed", field="cmd_id")
    if envelope.actor_id is not None and not is_id(envelope.actor_id):
        raise Rejected("envelope_malformed", field="actor_id")
    if envelope.business_at.tzinfo is None:
        raise Rejected("envelope_malformed", field="business_at")


def _safe_id(envelope: Envelope) -> str:
    """The command's id; one made from its content where its own is none."""
    if is_id(envelope.cmd_id):
        return envelope.cmd_id
    return str(uuid.uuid5(uuid.NAMESPACE_OID, envelope.digest()))


def _safe_time(turn: _Turn, envelope: Envelope) -> datetime:
    """When it happened; now, where the device did not say in which zone."""
    return turn.unit.at if envelope.business_at.tzinfo is None else envelope.business_at


def _safe_name(envelope: Envelope) -> str:
    """The command's name, fit for a text column."""
    return "".join(each for each in envelope.name[:_LONGEST_NAME] if each.isprintable()) or "?"
