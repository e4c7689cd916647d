"""Turns: commands of one life of a device are decided in their order, a part of them per commit.

Whoever brings them: their device in a push, or a neighbour in a relay.
"""

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from shared.inbox.repository import open_case
from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId, UserId, is_id, new_id
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
from shared.sync.endpoint import REVOKED
from shared.sync.protocol.push import MAX_COMMANDS, CommandOutcome
from shared.sync.protocol.version import PROTOCOL_VERSION
from sync_server import command_log
from sync_server.command_log import Decided, Reach
from sync_server.database import Database, TenantWork
from sync_server.schema import FORK_LOG

_log = logging.getLogger(__name__)

MAX_PER_COMMIT = 50
MAX_SECONDS_PER_COMMIT = 0.1
"""After so many commands, or so long, a transaction commits and the next one goes on."""
NOBODY = Actor(user_id=None, permissions=frozenset())
_LONGEST_NAME = 64
_BIGGEST = 1 << 63
_KEEP = postgresql.insert(FORK_LOG).on_conflict_do_nothing()


class Stop(Enum):
    """Why commands were not gone through to their end."""

    GAP = auto()
    """Commands before the next one are missing."""
    SPLIT = auto()
    """The next one is not what the server has there, or does not follow on what it has."""


@dataclass(slots=True)
class Turn:
    """One transaction's share of the commands of one life of a device."""

    unit: TenantWork
    device: DeviceRow
    reach: Reach
    stored: dict[int, command_log.Logged]
    """Those among the commands sent that the log has already, by seq."""
    known: dict[str, Outcome]
    """Outcomes by command id of those sent that came before under another seq or device."""
    read: dict[int, Command]
    """The new commands among those sent that can be read, by seq."""
    taken: list[CommandOutcome] = field(default_factory=list)
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What all turns have come to."""

    outcomes: tuple[CommandOutcome, ...]
    stop: Stop | None
    reach: Reach


TakeTurn = Callable[[TenantWork, Sequence[Envelope]], Turn]
"""Decides as many commands as fit into a transaction."""


def in_turns(
    database: Database, tenant_id: TenantId, commands: Sequence[Envelope], *, take: TakeTurn
) -> Taken:
    """Decide commands in turns of up to MAX_PER_COMMIT, each a commit.

    When the connection or the server dies in between, what was committed has its stored outcomes
    and the rest is still where it came from. There is one turn at least, without commands too.

    As a rule a turn's writes go to the database together. When it refuses one of them, the turn is
    taken again carefully, each command's writes by themselves, which shows whose fault it was.
    """
    taken: list[CommandOutcome] = []
    while True:
        rest = commands[len(taken) :]
        try:
            with database.tenant_transaction(tenant_id, defers=True) as unit:
                turn = take(unit, rest)
        except Unavailable as obstacle:
            if obstacle.code != "writes_refused":
                raise
            _log.info("tenant %s: a command breaks the database", tenant_id)
            with database.tenant_transaction(tenant_id) as unit:
                turn = take(unit, rest)
        taken += turn.taken
        if turn.stop is not None or len(taken) == len(commands):
            return Taken(tuple(taken), turn.stop, turn.reach)


def check(commands: Sequence[Envelope], *, protocol: int, device_id: str, incarnation: int) -> None:
    """A wrong request as a whole is a fault of the client; its commands stay where they are.

    Raises Rejected: protocol_unknown, push_too_large or envelope_foreign.
    """
    if protocol > PROTOCOL_VERSION:
        raise Rejected("protocol_unknown", known=PROTOCOL_VERSION)
    if len(commands) > MAX_COMMANDS:
        raise Rejected("push_too_large", limit=MAX_COMMANDS)
    for envelope in commands:
        origin = (envelope.device_id, envelope.incarnation)
        if origin != (device_id, incarnation) or not 0 < envelope.seq < _BIGGEST:
            raise Rejected("envelope_foreign", seq=envelope.seq)


def begin(
    unit: TenantWork, device: DeviceRow, commands: Sequence[Envelope], *, reach: Reach
) -> Turn:
    """Look up what the log knows of commands of that life, which it has up to `reach`."""
    stored: dict[int, command_log.Logged] = {}
    known: dict[str, Outcome] = {}
    if commands and commands[0].seq <= reach.seq:
        stored = command_log.by_seq(
            unit.connection,
            device.device_id,
            incarnation=reach.incarnation,
            first=commands[0].seq,
            last=commands[-1].seq,
        )
    new = [each for each in commands if each.seq > reach.seq][:MAX_PER_COMMIT]
    read: dict[int, Command] = {}
    if new:
        known = known_among(unit, new)
        read = {each.seq: command for each in new if (command := _readable(each)) is not None}
        read_ahead(unit.rows, read.values(), _station(device))
    return Turn(unit, device, reach, stored, known, read)


def known_among(unit: TenantWork, commands: Sequence[Envelope]) -> dict[str, Outcome]:
    """The outcomes by id of those commands that were decided before, whoever brought them."""
    return command_log.by_id(unit.connection, [safe_id(each) for each in commands])


def take(turn: Turn, commands: Sequence[Envelope]) -> None:
    """Go through the commands until the turn is full or one does not follow on."""
    started = time.monotonic()
    for envelope in commands:
        digest = envelope.digest()
        if envelope.seq <= turn.reach.seq:
            seen = turn.stored.get(envelope.seq)
            if seen is None or seen.hash != digest:
                turn.stop = Stop.SPLIT
                return
            turn.taken.append(seen.answer)
        elif envelope.seq > turn.reach.seq + 1:
            turn.stop = Stop.GAP
            return
        elif envelope.prev_hash != turn.reach.hash:
            turn.stop = Stop.SPLIT
            return
        elif _is_full(turn, started):
            return
        else:
            _decide(turn, envelope, digest)


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


def _is_full(turn: Turn, started: float) -> bool:
    count = len(turn.unit.decided)
    return count >= MAX_PER_COMMIT or (
        count > 0 and time.monotonic() - started > MAX_SECONDS_PER_COMMIT
    )


def _decide(turn: Turn, envelope: Envelope, digest: str) -> None:
    """Settle one new command and remember it as the last of its device."""
    cmd_id, unit = safe_id(envelope), turn.unit
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
    turn.reach = replace(turn.reach, seq=envelope.seq, hash=digest)


def _outcome(turn: Turn, envelope: Envelope, cmd_id: str) -> Outcome:
    """Run a command as the authority; what cannot be read is set aside as it came.

    Of a device that was shut out only facts are taken: what it asks for nobody has to grant.
    """
    rows = turn.unit.rows
    try:
        command = turn.read.get(envelope.seq) or _command(envelope)
    except Rejected as unreadable:
        context = _context(turn, envelope, cmd_id=cmd_id, actor=NOBODY)
        return set_aside(rows, context, unreadable, state=OutcomeState.QUARANTINED)
    context = _context(turn, envelope, cmd_id=cmd_id, actor=_actor(turn, envelope))
    if turn.device.revoked_at is not None and command.NATURE is Nature.REQUEST:
        shut_out = Rejected(REVOKED, device=turn.device.name)
        return set_aside(rows, context, shut_out, state=OutcomeState.REJECTED)
    return decide(command, rows, context)


def _context(turn: Turn, envelope: Envelope, *, cmd_id: str, actor: Actor) -> Context:
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


def _actor(turn: Turn, envelope: Envelope) -> Actor:
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


def keep(turn: Turn, commands: Sequence[Envelope]) -> bool:
    """Keep commands that the log has no place for beside it; whether the first was there before."""
    connection, c = turn.unit.connection, FORK_LOG.c
    rows = [
        {
            "device_id": turn.device.device_id,
            "incarnation": turn.reach.incarnation,
            "seq": each.seq,
            "hash": each.digest(),
            "envelope": canonical_json(each),
            "found_at": turn.unit.at,
        }
        for each in commands
    ]
    names = ("device_id", "incarnation", "seq", "hash")
    wanted = sa.select(c.seq).where(*(c[name] == rows[0][name] for name in names))
    was_kept = connection.execute(wanted).first() is not None
    connection.execute(_KEEP, rows)
    return was_kept


def tell(turn: Turn, oddity: Rejected, *, what: str) -> None:
    """Open a case about the device itself; `what` brought it up."""
    unit = turn.unit
    context = Context(
        tenant_id=unit.tenant_id,
        command_id=new_id(),
        command_name=what,
        nature=Nature.FACT,
        phase=Phase.AUTHORITY,
        actor=NOBODY,
        station=_station(turn.device),
        business_at=unit.at,
    )
    open_case(unit.rows, context, oddity=oddity)


def _check_header(envelope: Envelope) -> None:
    """Raise Rejected("envelope_malformed") for what could not be stored or looked up."""
    if not is_id(envelope.cmd_id):
        raise Rejected("envelope_malformed", field="cmd_id")
    if envelope.actor_id is not None and not is_id(envelope.actor_id):
        raise Rejected("envelope_malformed", field="actor_id")
    if envelope.business_at.tzinfo is None:
        raise Rejected("envelope_malformed", field="business_at")


def safe_id(envelope: Envelope) -> str:
    """The command's id; one made from its content where its own is none."""
    if is_id(envelope.cmd_id):
        return envelope.cmd_id
    return str(uuid.uuid5(uuid.NAMESPACE_OID, envelope.digest()))


def _safe_time(turn: Turn, envelope: Envelope) -> datetime:
    """When it happened; now, where the device did not say in which zone."""
    return turn.unit.at if envelope.business_at.tzinfo is None else envelope.business_at


def _safe_name(envelope: Envelope) -> str:
    """The command's name, fit for a text column."""
    return "".join(each for each in envelope.name[:_LONGEST_NAME] if each.isprintable()) or "?"
