"""Handlers of the inbox."""

from dataclasses import replace

from shared.inbox.commands import AssignCase, SettleCase
from shared.inbox.tables import CaseRow, CaseState
from shared.kernel.context import Context, Phase
from shared.kernel.errors import Rejected
from shared.organization.tables import UserRow
from shared.storage.unit_of_work import UnitOfWork


def assign_case(command: AssignCase, work: UnitOfWork, context: Context) -> None:
    """Set or clear the owner of an open case."""
    if _never_opened(work, command.case_id, context):
        return
    case = _open_case(work, command.case_id, context)
    if command.owner_id is not None:
        work.require(UserRow, command.owner_id)
    work.put(replace(case, owner_id=command.owner_id))


def settle_case(command: SettleCase, work: UnitOfWork, context: Context) -> None:
    """Close a case; whoever settles it first has settled it."""
    if _never_opened(work, command.case_id, context) or _is_settled_so(command, work, context):
        return
    case = _open_case(work, command.case_id, context)
    work.put(
        replace(
            case,
            state=CaseState.SETTLED,
            resolution=command.resolution,
            settled_at=context.business_at,
            settled_by=context.actor.user_id,
            note=command.note.strip(),
        )
    )


def _never_opened(work: UnitOfWork, case_id: str, context: Context) -> bool:
    """Whether a device had a case that the authority found no reason for: nothing is left to do.

    A till without a network finds stock short that had come in meanwhile, and people settle it.
    """
    return context.phase is not Phase.FIRST and work.get(CaseRow, case_id) is None


def _is_settled_so(command: SettleCase, work: UnitOfWork, context: Context) -> bool:
    """Whether somebody elsewhere settled it the same way before: then nothing is lost."""
    if context.phase is Phase.FIRST:
        return False
    case = work.require(CaseRow, command.case_id)
    return case.resolution is command.resolution and command.note.strip() in {"", case.note}


def _open_case(work: UnitOfWork, case_id: str, context: Context) -> CaseRow:
    case = work.require(CaseRow, case_id)
    context.expect(
        holds=case.state is CaseState.OPEN, otherwise=Rejected("case_settled_already", id=case_id)
    )
    return case
