"""One command, one unit of work: permission, handler, reactions, cases for the inbox."""

import logging

from shared.inbox.repository import open_case
from shared.kernel.context import Context
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.messages import Command, Nature, Outcome, OutcomeState
from shared.kernel.permissions import require
from shared.runtime.registry import handler_of, reactions_to
from shared.storage.unit_of_work import UnitOfWork

_log = logging.getLogger(__name__)


def run(command: Command, work: UnitOfWork, context: Context) -> Outcome:
    """Run a command's handler and the reactions to its events inside `work`.

    Raises Rejected when it cannot be done as asked. Odd facts are taken, and each oddity becomes a
    case in the inbox. The caller owns the transaction.
    """
    try:
        for needed in command.needs():
            require(context.actor.permissions, needed)
    except Rejected as missing:
        context.expect(holds=False, otherwise=missing)
    handler_of(type(command))(command, work, context)
    emitted = 0
    while emitted < len(context.events):
        event = context.events[emitted]
        emitted += 1
        for reaction in reactions_to(type(event)):
            reaction(event, work, context)
    for oddity in context.oddities:
        open_case(work, context, oddity=oddity)
    if context.oddities:
        first = context.oddities[0]
        return Outcome(
            state=OutcomeState.APPLIED_WITH_EXCEPTION,
            code=first.code,
            field=first.field,
            params=first.params,
        )
    return Outcome(state=OutcomeState.APPLIED)


def decide(command: Command, work: UnitOfWork, context: Context) -> Outcome:
    """Run a command as the authority: nothing it does or fails to do stops the queue.

    A request that is refused leaves a case and no other trace. A fact that still cannot be applied
    and a command that crashes are quarantined: kept as they came, with a case for a person.
    Unavailable goes on to the caller, who tries the whole batch again.
    """
    try:
        with work.savepoint():
            return run(command, work, context)
    except Unavailable:
        raise
    except Rejected as refusal:
        if command.NATURE is Nature.REQUEST:
            return set_aside(work, context, refusal, state=OutcomeState.REJECTED)
        return set_aside(work, context, refusal, state=OutcomeState.QUARANTINED)
    except Exception:  # noqa: BLE001 - one poisoned command must never stop those behind it
        _log.exception("command %s %s crashed", command.NAME, context.command_id)
        crash = Rejected("command_crashed", command=command.NAME)
        return set_aside(work, context, crash, state=OutcomeState.QUARANTINED)


def set_aside(
    work: UnitOfWork, context: Context, refusal: Rejected, *, state: OutcomeState
) -> Outcome:
    """Leave a case for a command that was not applied, and say so."""
    open_case(work, context, oddity=refusal)
    work.flush()
    return Outcome(state=state, code=refusal.code, field=refusal.field, params=refusal.params)
