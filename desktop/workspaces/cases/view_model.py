"""State of the cases at a till or station: what concerns it, and what can be done about it."""

from collections.abc import Mapping, MutableSequence, Sequence
from typing import Any

from PySide6.QtCore import QObject

from desktop.ui import i18n, tasks
from desktop.ui.binding import connect
from desktop.ui.columns import Sort
from desktop.ui.facts import Fact
from desktop.ui.table_model import TableModel
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.cases.rows import COLUMNS, FloorCase
from desktop.workspaces.cases.settling import Settling
from desktop.workspaces.cases.words import case_text, command_text, floor_text, stands_text
from desktop.workspaces.desk import Desk
from shared.inbox.commands import Resolution
from shared.inbox.model import Viewer
from shared.inbox.queries import case_list, cases_for
from shared.inbox.tables import CaseRow
from shared.kernel.errors import Bug
from shared.kernel.ids import CaseId, UserId
from shared.kernel.messages import Command, Nature
from shared.kernel.permissions import Permission
from shared.organization.queries import devices, users
from shared.storage.reader import Reader

_PACE_MS = 60_000
Names = Mapping[str, str]
"""People and devices by their ids."""


class _Source:
    """Gives the list its keys and rows, a window at a time."""

    def __init__(self, owner: "CasesViewModel") -> None:
        self._owner = owner

    async def keys(self, _sort: Sort | None) -> MutableSequence[Any]:
        """The ids of what concerns this place, oldest first."""
        return list(self._owner.case_ids)

    async def rows(self, keys: Sequence[Any]) -> Sequence[FloorCase | None]:
        """The cases of those ids."""
        return await self._owner.listed(keys)


class CasesViewModel(ViewModel):
    """Open cases that concern this device, its place and whoever works here now.

    `can_approve`: whether somebody else may settle with a PIN where the signed-in person may not.
    """

    watches = frozenset({"inbox_case", "device", "staff_user"})

    def __init__(
        self,
        desk: Desk,
        sent: SentCommands,
        *,
        can_approve: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._settling = Settling(desk, sent)
        self._can_approve = can_approve
        self.case_ids: tuple[CaseId, ...] = ()
        self.table = TableModel(COLUMNS, self)
        self.table.set_source(_Source(self))
        self.chosen: CaseRow | None = None
        self._command: Command | None = None
        self._names: Names = {}
        self._ticker = Ticker(_PACE_MS, self)
        connect(self._ticker.ticked, self.table.request_refresh)

    async def refresh(self) -> None:
        """Find what concerns this place now."""
        self.case_ids = tuple(await self._desk.fetch(cases_for, self._viewer()))
        if self._ticker.is_running:
            await self.table.refresh()
            if self.chosen is not None:
                await self._look_again(self.chosen)
        self.changed.emit()

    def look(self) -> None:
        """Somebody looks at the list: keep its rows and their ages true."""
        self._ticker.start()
        self.start()

    def look_away(self) -> None:
        """Nobody looks any more: only count what waits."""
        self._ticker.stop()

    # -- what is shown

    @property
    def count(self) -> int:
        """How many cases wait here."""
        return len(self.case_ids)

    @property
    def workspace(self) -> str:
        """Whose words are spoken: kiosk or fulfillment."""
        return self._desk.identity.workspace.value

    @property
    def advice(self) -> str:
        """What the chosen case means here, and what to do."""
        return "" if self.chosen is None else floor_text(self.chosen, self.workspace)

    @property
    def who_settles(self) -> str:
        """Who may settle the chosen case."""
        if self.may_settle:
            return i18n.tr("case.settles.you")
        return i18n.tr("case.settles.pin" if self._can_approve else "case.settles.office")

    def facts(self) -> list[Fact]:
        """What is known of the chosen case."""
        case = self._case()
        nobody = i18n.tr("case.nobody")
        named = (
            ("case.command", command_text(case.command_name)),
            ("case.actor", self._names.get(case.actor_id or "", nobody)),
            ("case.device", self._names.get(case.device_id or "", "")),
            ("case.opened", i18n.format_datetime(case.opened_at)),
            ("case.owner", self._names.get(case.owner_id or "", nobody)),
        )
        stands = Fact(i18n.tr("case.kind"), stands_text(case))
        return [stands, *(Fact(i18n.tr(key), value) for key, value in named if value)]

    async def listed(self, case_ids: Sequence[str]) -> list[FloorCase | None]:
        """The rows of a part of the list; None where a case is gone."""
        cases, self._names = await self._desk.fetch(_named_cases, case_ids)
        now = self._desk.clock.now()
        rows = {
            case.case_id: self._row(case, i18n.format_relative(case.opened_at, now))
            for case in cases
        }
        return [rows.get(CaseId(each)) for each in case_ids]

    # -- what can be done

    @property
    def may_settle(self) -> bool:
        """Whether the signed-in person may settle cases without anybody's approval."""
        return self._desk.session.may(Permission.INBOX)

    @property
    def can_settle(self) -> bool:
        """Whether the chosen case can be settled here, be it with an approval."""
        return self.chosen is not None and (self.may_settle or self._can_approve)

    @property
    def can_retry(self) -> bool:
        """Whether the refused command of the chosen case can be sent again from here."""
        return self.can_settle and self._command is not None

    @property
    def can_take(self) -> bool:
        """Whether the signed-in person can make the chosen case their own."""
        is_mine = self.chosen is not None and self.chosen.owner_id == self._desk.session.user_id
        return self.chosen is not None and self.may_settle and not is_mine

    # -- intents

    def choose(self, case: CaseRow | None) -> None:
        """Look at a case."""
        if case != self.chosen:
            self.chosen, self._command = case, None
            self.changed.emit()
            tasks.latest(self, "command", self._find_command(case))

    async def settle(
        self, case: CaseRow, resolution: Resolution, note: str = "", *, by: UserId | None = None
    ) -> None:
        """Close a case; `by` is who approved it, where somebody had to."""
        await self._settling.settle(case, resolution, note, by=by)

    async def retry(self, case: CaseRow, *, by: UserId | None = None) -> None:
        """Send the refused command again as it was, and close the case.

        Raises Rejected when it is refused again; the case stays open then.
        """
        command = await self._settling.command_of(case)
        if command is not None:
            await self._settling.send_again(case, command, by=by)

    async def take(self) -> None:
        """Make the chosen case one's own."""
        await self._settling.assign(self._case(), self._desk.session.user_id or "")

    # -- inside

    def _viewer(self) -> Viewer:
        identity, user_id = self._desk.identity, self._desk.session.user_id
        return Viewer(
            workspace=identity.workspace,
            device_id=identity.device_id,
            location_id=identity.location_id,
            register_id=identity.register_id,
            user_id=UserId(user_id) if user_id else None,
            may_settle=self.may_settle,
        )

    def _case(self) -> CaseRow:
        if self.chosen is None:
            raise Bug("no case is chosen")
        return self.chosen

    async def _look_again(self, case: CaseRow) -> None:
        """Show the chosen case as it is by now, or that it does not wait here any more."""
        found = await self._desk.fetch(case_list, [case.case_id])
        is_here = case.case_id in self.case_ids
        self.choose(found[0] if found and is_here else None)

    async def _find_command(self, case: CaseRow | None) -> None:
        command = None if case is None else await self._settling.command_of(case)
        # What happened in the world cannot be sent again: it is in the books.
        is_request = command is not None and command.NATURE is Nature.REQUEST
        self._command = command if is_request else None
        self.changed.emit()

    def _row(self, case: CaseRow, age: str) -> FloorCase:
        return FloorCase(
            case.case_id,
            "fact" if case.is_fact else "request",
            case_text(case),
            command_text(case.command_name),
            age,
            self._names.get(case.owner_id or "", ""),
            self._names.get(case.device_id or "", ""),
            case,
        )


def _named_cases(reader: Reader, case_ids: Sequence[str]) -> tuple[tuple[CaseRow, ...], Names]:
    names: dict[str, str] = {device.device_id: device.name for device in devices(reader)}
    names |= {user.user_id: user.name for user in users(reader)}
    return case_list(reader, case_ids), names
