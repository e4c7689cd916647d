"""The log of decided commands: stored as they came, each with the one outcome it will ever have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from shared.kernel.messages import Envelope, Outcome, OutcomeState, canonical_json
from shared.sync.protocol.push import CommandOutcome
from sync_server.schema import COMMAND_LOG

_C = COMMAND_LOG.c
_HIGHEST_VERSION = (1 << 31) - 1
"""Anything above is nonsense, but must not keep the command from being stored."""
FORGOTTEN = b""
"""In place of an envelope that is not kept any more."""
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


def last_seq(connection: sa.Connection, device_id: str, *, incarnation: int, upto: int) -> int:
    """The last command of a device that commit `upto` contains; 0 when there is none."""
    wanted = sa.select(sa.func.coalesce(sa.func.max(_C.seq), 0))
    wanted = wanted.where(_OF_DEVICE, _C.commit_seq <= upto)
    return int(connection.execute(wanted, _device(device_id, incarnation)).scalar_one())


def senders(connection: sa.Connection) -> list[str]:
    """All devices of which there are commands, and the server itself."""
    return list(connection.execute(sa.select(_C.device_id).distinct()).scalars())


def forget(connection: sa.Connection, device_id: str, *, before: datetime) -> int:
    """Cut a device's commands decided before that down to place, id, hash and state; how many.

    Requests may only add to this log: the owner alone may do this.
    """
    is_old = sa.and_(_C.device_id == device_id, _C.decided_at < before, _C.envelope != FORGOTTEN)
    cut = sa.update(COMMAND_LOG).where(is_old)
    values = {"envelope": FORGOTTEN, "code": None, "field": None, "params": "{}"}
    return connection.execute(cut.values(values)).rowcount


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
