"""How an oddity becomes a case."""

from shared.inbox.tables import CaseRow, CaseState
from shared.kernel.context import Context
from shared.kernel.errors import Rejected
from shared.kernel.ids import CaseId, CommandId
from shared.kernel.messages import Nature
from shared.storage.unit_of_work import UnitOfWork


def open_case(work: UnitOfWork, context: Context, *, oddity: Rejected) -> CaseRow:
    """Put an oddity of the running command into the inbox."""
    case = CaseRow(
        case_id=CaseId(context.next_id()),
        code=oddity.code,
        field=oddity.field,
        params=dict(oddity.params),
        command_id=CommandId(context.command_id),
        command_name=context.command_name,
        is_fact=context.nature is Nature.FACT,
        device_id=context.station.device_id,
        location_id=context.station.location_id,
        actor_id=context.actor.user_id,
        opened_at=context.business_at,
        state=CaseState.OPEN,
        owner_id=None,
        resolution=None,
        settled_at=None,
        settled_by=None,
        note="",
    )
    work.insert(case)
    return case
