"""Running journal commands again on top of newer server rows."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from shared.kernel.context import Actor, Context, Phase, Station
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import TenantId, UserId
from shared.kernel.messages import Command, Envelope, Outcome
from shared.kernel.permissions import ROLE_PERMISSIONS
from shared.organization.tables import UserRow
from shared.runtime import bus
from shared.runtime.read_ahead import read_ahead
from shared.runtime.registry import read_command
from shared.storage.base import Key
from shared.storage.changes import RowChange
from shared.storage.unit_of_work import UnitOfWork
from shared.sync.replica import record_bases, record_doubt

_log = logging.getLogger(__name__)

_AT_ONCE = 500
"""So many commands share their writes; after a month offline all of them would fill the memory."""
_Failed = Callable[[sa.Connection, Envelope, Rejected], None]
NOBODY = Actor(user_id=None, permissions=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device's commands are made: its tenant and its station."""

    tenant_id: TenantId
    station: Station


def actor_named(work: UnitOfWork, user_id: str | None) -> Actor:
    """A person with the permissions of the role held now; none for the unknown or inactive."""
    if user_id is None:
        return NOBODY
    user = work.get(UserRow, user_id)
    if user is None or not user.is_active:
        return Actor(user_id=UserId(user_id), permissions=frozenset())
    return Actor(user_id=user.user_id, permissions=ROLE_PERMISSIONS[user.role])


def run_envelope(envelope: Envelope, work: UnitOfWork, place: Place, *, phase: Phase) -> Outcome:
    """Run a command of this device inside `work`, for the first time or again.

    Raises Rejected when it cannot be applied to the rows as they are now.
    """
    command = read_command(envelope.name, envelope.version, envelope.args)
    return _run(command, envelope, work, place=place, phase=phase)


def _run(
    command: Command, envelope: Envelope, work: UnitOfWork, *, place: Place, phase: Phase
) -> Outcome:
    context = Context(
        tenant_id=place.tenant_id,
        command_id=envelope.cmd_id,
        command_name=envelope.name,
        nature=command.NATURE,
        phase=phase,
        actor=actor_named(work, envelope.actor_id),
        station=place.station,
        business_at=envelope.business_at,
        numbers=envelope.numbers,
    )
    return bus.run(command, work, context)


def rerun_all(
    connection: sa.Connection, envelopes: Sequence[Envelope], place: Place
) -> set[tuple[str, Key]]:
    """Run commands again in order, keeping base images of what they touch.

    A command that fails now leaves no trace but a doubt: it stays in the journal, is sent, and the
    server decides. Gives table and key of the rows that were touched.
    """
    return _rerun(connection, envelopes, place, failed=record_doubt)


def rerun_quietly(
    connection: sa.Connection, envelopes: Sequence[Envelope], place: Place
) -> set[tuple[str, Key]]:
    """Run a neighbour's commands like own ones, but without a doubt where one fails.

    Whether it will be refused is its own device's affair.
    """
    return _rerun(connection, envelopes, place, failed=_nobody_doubts)


def _nobody_doubts(_connection: sa.Connection, envelope: Envelope, refusal: Rejected) -> None:
    _log.info("a neighbour's command %s is not shown: %s", envelope.cmd_id, refusal)


def _rerun(
    connection: sa.Connection, envelopes: Sequence[Envelope], place: Place, *, failed: _Failed
) -> set[tuple[str, Key]]:
    touched: set[tuple[str, Key]] = set()
    for first in range(0, len(envelopes), _AT_ONCE):
        some = envelopes[first : first + _AT_ONCE]
        changes = _rerun_together(connection, some, place)
        if changes is None:
            changes = rerun_one_by_one(connection, some, place, failed=failed)
        record_bases(connection, changes)
        touched.update((change.table.name, change.key) for change in changes)
    return touched


def _rerun_together(
    connection: sa.Connection, envelopes: Sequence[Envelope], place: Place
) -> tuple[RowChange, ...] | None:
    """Run all commands in one unit of work; None, without a trace, when one of them fails.

    Commands rarely fail again, and writes of many commands together cost a third of single ones.
    """
    work = UnitOfWork(connection)
    together = connection.begin_nested()
    try:
        commands = [read_command(each.name, each.version, each.args) for each in envelopes]
        read_ahead(work, commands, place.station)
        for command, envelope in zip(commands, envelopes, strict=True):
            _run(command, envelope, work, place=place, phase=Phase.REPLAY)
        changes = work.changes()
    except (Unavailable, sa.exc.OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - found out and reported when run one by one
        _log.info("a pending command fails on the newest rows: %s", error)
        together.rollback()
        return None
    together.commit()
    return changes


def rerun_one_by_one(
    connection: sa.Connection,
    envelopes: Sequence[Envelope],
    place: Place,
    *,
    failed: _Failed = record_doubt,
) -> tuple[RowChange, ...]:
    """Run each command in a savepoint of its own; `failed` hears of each that fails."""
    work = UnitOfWork(connection)
    for envelope in envelopes:
        try:
            with work.savepoint():
                run_envelope(envelope, work, place, phase=Phase.REPLAY)
        except Rejected as refusal:
            failed(connection, envelope, refusal)
        except (Unavailable, sa.exc.OperationalError):
            raise
        except Exception:  # noqa: BLE001 - one poisoned command must never keep a till from opening
            _log.exception("command %s %s crashed again", envelope.name, envelope.cmd_id)
            crash = Rejected("command_crashed", command=envelope.name)
            failed(connection, envelope, crash)
    return work.changes()
