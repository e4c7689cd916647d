"""Handlers of the inbox."""

from dataclasses import replace

from shared.inbox.commands import AssignCase, SettleCase
from shared.inbox.tables import CaseRow, CaseState
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.organization.tables import UserRow
from shared.storage.unit_of_work import UnitOfWork


def assign_case(command: AssignCase, work: UnitOfWork, context: Context) -> None:
    """Set or clear the owner of an open case."""
    case = _open_case(work, command.case_id, context)
    if command.owner_id is not None:
        work.require(UserRow, command.owner_id)
    work.put(replace(case, owner_id=command.owner_id))


def settle_case(command: SettleCase, work: UnitOfWork, context: Context) -> None:
    """Close a case; whoever settles it first has settled it."""
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


def _open_case(work: UnitOfWork, case_id: str, context: Context) -> CaseRow:
    case = work.require(CaseRow, case_id)
    context.expect(
        holds=case.state is CaseState.OPEN, otherwise=Rejected("case_settled_already", id=case_id)
    )
    return case
