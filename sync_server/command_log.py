"""The log of decided commands: stored as they came, each with the one outcome it will ever have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.kernel.messages import FIRST_HASH, Envelope, Outcome, OutcomeState, canonical_json
from shared.sync.protocol.push import CommandOutcome
from sync_server.schema import COMMAND_LOG

_C = COMMAND_LOG.c
_HIGHEST_VERSION = (1 << 31) - 1
"""Anything above is nonsense, but must not keep the command from being stored."""
_ANSWER: sa.Select[Any] = sa.select(
    _C.seq, _C.cmd_id, _C.commit_seq, _C.hash, _C.state, _C.code, _C.field, _C.params
)
_OF_DEVICE = sa.and_(
    _C.device_id == sa.bindparam("device"), _C.incarnation == sa.bindparam("incarnation_now")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A command that was decided in the running transaction.

    `cmd_id` and `name` are safe to store; in an unreadable envelope they may differ from its own.
    """

    envelope: Envelope
    hash: str
    cmd_id: str
    name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Logged:
    """A command of the log: its hash and its outcome."""

    hash: str
    answer: CommandOutcome


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the server has come in one life of a device: its last command there, and the hash."""

    incarnation: int
    seq: int
    hash: str


def write(
    connection: sa.Connection, decided: Iterable[Decided], *, commit_seq: int, at: datetime
) -> None:
    """Store commands with their outcomes."""
    rows = [
        {
            "device_id": each.envelope.device_id,
            "incarnation": each.envelope.incarnation,
            "seq": each.envelope.seq,
            "cmd_id": each.cmd_id,
            "name": each.name,
            "version": min(max(each.envelope.version, 0), _HIGHEST_VERSION),
            "hash": each.hash,
            "envelope": canonical_json(each.envelope),
            "state": each.outcome.state.value,
            "code": each.outcome.code,
            "field": each.outcome.field,
            "params": canonical_json(each.outcome.params).decode(),
            "commit_seq": commit_seq,
            "decided_at": at,
        }
        for each in decided
    ]
    if rows:
        connection.execute(sa.insert(COMMAND_LOG), rows)


def by_seq(
    connection: sa.Connection, device_id: str, *, incarnation: int, first: int, last: int
) -> dict[int, Logged]:
    """A device's commands from `first` to `last` by seq."""
    wanted = _ANSWER.where(_OF_DEVICE, _C.seq.between(first, last))
    found = connection.execute(wanted, _device(device_id, incarnation))
    return {row.seq: _logged(row) for row in found}


def by_id(connection: sa.Connection, cmd_ids: Sequence[str]) -> dict[str, Outcome]:
    """The outcomes of those commands that were decided before, whoever sent them."""
    wanted = _ANSWER.where(_C.cmd_id.in_(cmd_ids)).order_by(_C.commit_seq.desc())
    return {row.cmd_id: _outcome(row) for row in connection.execute(wanted)}


def committed_between(
    connection: sa.Connection, device_id: str, *, incarnation: int, after: int, upto: int
) -> tuple[CommandOutcome, ...]:
    """The outcomes of a device's commands in a stretch of commits, in its own order."""
    stretch = (_C.commit_seq > after, _C.commit_seq <= upto)
    wanted = _ANSWER.where(_OF_DEVICE, *stretch).order_by(_C.seq)
    found = connection.execute(wanted, _device(device_id, incarnation))
    return tuple(_logged(row).answer for row in found)


def reach(connection: sa.Connection, device_id: str, *, incarnation: int) -> Reach:
    """How far the log goes in a life of a device, the present one or one that is over."""
    wanted = sa.select(_C.seq, _C.hash).where(_OF_DEVICE).order_by(_C.seq.desc()).limit(1)
    found = connection.execute(wanted, _device(device_id, incarnation)).first()
    if found is None:
        return Reach(incarnation, 0, FIRST_HASH)
    return Reach(incarnation, found.seq, found.hash)


def last_life(connection: sa.Connection, device_id: str) -> int:
    """The highest life of a device that the log has commands of; 0 when it has none."""
    wanted = sa.select(sa.func.coalesce(sa.func.max(_C.incarnation), 0))
    return int(connection.execute(wanted.where(_C.device_id == device_id)).scalar_one())


def last_seq(connection: sa.Connection, device_id: str, *, incarnation: int, upto: int) -> int:
    """The last command of a device that commit `upto` contains; 0 when there is none.

    A life's commands are committed in their order, so it is the last one of the last commit.
    """
    wanted = sa.select(_C.seq).where(_OF_DEVICE, _C.commit_seq <= upto)
    wanted = wanted.order_by(_C.commit_seq.desc(), _C.seq.desc()).limit(1)
    return int(connection.execute(wanted, _device(device_id, incarnation)).scalar() or 0)


def _device(device_id: str, incarnation: int) -> dict[str, Any]:
    return {"device": device_id, "incarnation_now": incarnation}


def _logged(row: sa.Row[Any]) -> Logged:
    answer = CommandOutcome(
        seq=row.seq, cmd_id=row.cmd_id, commit_seq=row.commit_seq, outcome=_outcome(row)
    )
    return Logged(row.hash, answer)


def _outcome(row: sa.Row[Any]) -> Outcome:
    params = msgspec.json.decode(row.params, type=Mapping[str, str | int])
    return Outcome(state=OutcomeState(row.state), code=row.code, field=row.field, params=params)
