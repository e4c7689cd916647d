"""What can be done about a case, the same on every workspace; the business itself decides."""

from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.desk import Desk
from shared.catalog.commands import EditProducts
from shared.catalog.editing import only_lines
from shared.inbox.commands import AssignCase, Resolution, SettleCase
from shared.inbox.tables import CaseRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import UserId
from shared.kernel.messages import Command


class Settling:
    """Settles, assigns and sends again.

    `by` is who answers for it where that is not the signed-in person but whoever approved it with a
    PIN. All raise Rejected or Unavailable; the case stays as it was then.
    """

    def __init__(self, desk: Desk, sent: SentCommands) -> None:
        self._desk = desk
        self._sent = sent

    async def command_of(self, case: CaseRow) -> Command | None:
        """What was asked when the case came about, where it was made here and can be read."""
        try:
            return _still_to_do(await self._sent.find(case.command_id), case)
        except Rejected:
            # A command of another release: it can be looked at, but not sent again from here.
            return None

    async def settle(
        self, case: CaseRow, resolution: Resolution, note: str = "", *, by: UserId | None = None
    ) -> None:
        """Close a case, saying how."""
        command = SettleCase(case_id=case.case_id, resolution=resolution, note=note)
        await self._desk.submit(command, actor_id=by)

    async def assign(self, case: CaseRow, owner_id: str) -> None:
        """Make somebody responsible; nothing makes it nobody's."""
        owner = UserId(owner_id) if owner_id else None
        await self._desk.submit(AssignCase(case_id=case.case_id, owner_id=owner))

    async def send_again(
        self, case: CaseRow, command: Command, *, by: UserId | None = None
    ) -> None:
        """Send a refused command again as it was, and close its case."""
        await self._desk.submit(command, actor_id=by)
        await self.settle(case, Resolution.RESENT, by=by)


def _still_to_do(command: Command | None, case: CaseRow) -> Command | None:
    """What of a command was not done: of many edits those that the case names."""
    lines = case.params.get("lines")
    if isinstance(command, EditProducts) and isinstance(lines, str):
        return only_lines(command, lines)
    return command
