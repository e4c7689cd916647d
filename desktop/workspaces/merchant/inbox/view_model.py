"""State of the inbox: open and settled cases, and what can be done about the chosen one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.ui import i18n, tasks
from desktop.ui.binding import connect
from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.ticker import Ticker
from desktop.ui.view_model import ViewModel
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.cases.settling import Settling
from desktop.workspaces.cases.words import case_text, command_text
from desktop.workspaces.merchant.inbox.editing import Known, place_of
from desktop.workspaces.merchant.inbox.rows import OPEN_COLUMNS, SETTLED_COLUMNS, ListedCase
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.places import Place, Screen
from shared.catalog.queries import sellable
from shared.customers.queries import customer_list
from shared.inbox.commands import Resolution
from shared.inbox.queries import open_cases, settled_cases
from shared.inbox.tables import CaseRow, CaseState
from shared.kernel.errors import Bug
from shared.kernel.messages import Command, Nature
from shared.orders.queries import by_number
from shared.organization.queries import devices
from shared.storage.reader import Reader

_PACE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be done about a case besides settling it; None where it leads nowhere."""

    command: Command | None = None
    editing: Place | None = None
    thing: Place | None = None


class InboxViewModel(ViewModel):
    """Cases that wait for a person, and those that somebody settled."""

    watches = frozenset({"inbox_case", "device", "staff_user"})

    def __init__(self, office: Office, sent: SentCommands, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self._settling = Settling(office.desk, sent)
        self.open_table = TableModel(OPEN_COLUMNS, self)
        self.settled_table = TableModel(SETTLED_COLUMNS, self)
        self.chosen: CaseRow | None = None
        self.ways = Ways()
        self._devices: Mapping[str, str] = {}
        self._open: Sequence[CaseRow] = ()
        self._settled: Sequence[CaseRow] = ()
        self._ticker = Ticker(_PACE_MS, self)
        connect(self._ticker.ticked, self._show)
        connect(office.changed, self._show)
        self._ticker.start()

    async def refresh(self) -> None:
        """Load all cases."""
        self._open, self._settled, self._devices = await self.office.desk.fetch(_cases)
        known = {case.case_id: case for case in (*self._open, *self._settled)}
        if self.chosen is not None:
            self.chosen = known.get(self.chosen.case_id)
        self._show()

    # -- what is shown

    @property
    def open_count(self) -> int:
        """How many cases wait."""
        return len(self._open)

    @property
    def is_open(self) -> bool:
        """Whether the chosen case waits for a person."""
        return self.chosen is not None and self.chosen.state is CaseState.OPEN

    @property
    def can_retry(self) -> bool:
        """Whether the refused command can be sent again as it was."""
        return self.is_open and self.ways.command is not None

    @property
    def can_edit(self) -> bool:
        """Whether the refused command can be edited and sent again."""
        return self.is_open and self.ways.editing is not None

    @property
    def can_show(self) -> bool:
        """Whether the thing that the case is about can be shown."""
        return self.ways.thing is not None

    @property
    def needs_count(self) -> bool:
        """Whether counting the stock is what puts this right."""
        is_stock = self.chosen is not None and self.chosen.code in {
            "stock_oversold",
            "picked_short",
        }
        return is_stock and self.can_show

    def device_name(self, device_id: str | None) -> str:
        """The name of a device, or nothing."""
        return self._devices.get(device_id or "", "")

    # -- intents

    def choose(self, case: CaseRow | None) -> None:
        """Look at a case."""
        if case != self.chosen:
            self.chosen, self.ways = case, Ways()
            self.changed.emit()
            tasks.latest(self, "ways", self._find_ways(case))

    async def settle(self, values: Mapping[str, FieldValue]) -> None:
        """Close the chosen case."""
        resolution = Resolution(str(values["resolution"]))
        await self._settling.settle(self._case(), resolution, str(values["note"]))

    async def accept(self) -> None:
        """Let it stand as it is."""
        await self._settling.settle(self._case(), Resolution.ACCEPTED)

    async def assign(self, user_id: str) -> None:
        """Make somebody responsible; nothing makes it nobody's."""
        await self._settling.assign(self._case(), user_id)

    async def take(self) -> None:
        """Make the case one's own."""
        await self.assign(self.office.desk.session.user_id or "")

    async def retry(self) -> None:
        """Send the refused command again as it was, and close the case.

        Raises Rejected when it is refused again; the case stays open then.
        """
        if self.ways.command is not None:
            await self._settling.send_again(self._case(), self.ways.command)

    def edit(self) -> None:
        """Go where the refused command can be put right."""
        if self.ways.editing is not None:
            self.office.go(self.ways.editing)

    def show_thing(self) -> None:
        """Go to what the case is about."""
        if self.ways.thing is not None:
            self.office.go(self.ways.thing)

    # -- inside

    def _case(self) -> CaseRow:
        if self.chosen is None:
            raise Bug("no case is chosen")
        return self.chosen

    async def _find_ways(self, case: CaseRow | None) -> None:
        if case is None:
            return
        command = await self._settling.command_of(case)
        variant_id = str(case.params.get("variant_id") or getattr(command, "variant_id", ""))
        number = str(case.params.get("number") or "")
        order_id = str(case.params.get("order_id") or getattr(command, "order_id", ""))
        customer_id = str(getattr(command, "customer_id", ""))
        known, by_its_number = await self.office.desk.fetch(
            _things, variant_id, number=number, customer_id=customer_id
        )
        is_request = command is not None and command.NATURE is Nature.REQUEST
        self.ways = Ways(
            command=command if is_request else None,
            editing=place_of(command, known) if is_request and command is not None else None,
            thing=_thing(known.product_id, variant_id, by_its_number or order_id),
        )
        self.changed.emit()

    def _show(self) -> None:
        now = self.office.desk.clock.now()
        for table, cases in (
            (self.open_table, self._open),
            (self.settled_table, self._settled),
        ):
            table.set_rows(
                [
                    ListedCase(
                        case.case_id,
                        "fact" if case.is_fact else "request",
                        case_text(case),
                        command_text(case.command_name),
                        i18n.format_relative(case.settled_at or case.opened_at, now),
                        self.office.user_name(case.settled_by or case.owner_id),
                        case.opened_at,
                        case.resolution or "",
                        case,
                    )
                    for case in cases
                ]
            )
        self.changed.emit()


def _cases(
    reader: Reader,
) -> tuple[Sequence[CaseRow], Sequence[CaseRow], Mapping[str, str]]:
    names: dict[str, str] = {device.device_id: device.name for device in devices(reader)}
    return open_cases(reader), settled_cases(reader), names


def _things(reader: Reader, variant_id: str, *, number: str, customer_id: str) -> tuple[Known, str]:
    """What is known of what a case names, and the id of its order where it names one."""
    found = sellable(reader, [variant_id]) if variant_id else ()
    order = by_number(reader, number) if number else None
    buyer = customer_list(reader, [customer_id]) if customer_id else ()
    known = Known(found[0].product_id if found else "", bool(buyer))
    return known, "" if order is None else order.order_id


def _thing(product_id: str, variant_id: str, order_id: str) -> Place | None:
    if product_id:
        return Place(screen=Screen.PRODUCTS, key=product_id, part=variant_id)
    return Place(screen=Screen.ORDERS, key=order_id) if order_id else None
