"""State and intents of one parcel: every scan is a fact as soon as it is accepted."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from desktop.ui.i18n import tr
from desktop.ui.tokens import Tone
from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment.parcel.rows import LineRow, line_row
from desktop.workspaces.fulfillment.parcel.slip import packing_slip
from desktop.workspaces.fulfillment.ports import Papers
from desktop.workspaces.fulfillment.verify import (
    COMMAND_PREFIX,
    Finding,
    Step,
    Verdict,
    left_of,
    split_quantity,
    verify,
)
from shared.fulfillment.commands import (
    FulfillmentState,
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    ShortReason,
    StartPicking,
)
from shared.fulfillment.queries import Delivery, PickRow, delivery
from shared.kernel.errors import Rejected, Unavailable
from shared.organization.queries import location_with_store

_CARRIER_SLOT = "carrier"


@dataclass(frozen=True, slots=True)
class Message:
    """The last thing that happened, in words; shown large until the next scan."""

    text: str
    tone: Tone
    icon: str


NOTHING = Message("", Tone.NEUTRAL, "")


class ParcelViewModel(ViewModel):
    """One parcel through its three steps.

    Signals: `left` (back to the queue), `accepted` and `refused` (a scan's second feedback),
    `shipped` (carries the order number), `next_wanted`.
    """

    left = Signal()
    accepted = Signal()
    refused = Signal()
    shipped = Signal(str)
    next_wanted = Signal()
    short_wanted = Signal()

    watches: ClassVar[frozenset[str]] = frozenset({"fulfillment", "fulfillment_line", "barcode"})

    def __init__(self, desk: Desk, papers: Papers, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._papers = papers
        self._parcel_id = ""
        self.delivery: Delivery | None = None
        self.message = NOTHING
        self.carrier = ""
        self.slip_path: Path | None = None
        self._current: str | None = None

    # -- what is shown

    @property
    def state(self) -> FulfillmentState:
        """How far the parcel is."""
        found = self.delivery
        return FulfillmentState.OPEN if found is None else found.fulfillment.state

    @property
    def step(self) -> Step:
        """Whether units are picked or packed now."""
        before = {FulfillmentState.OPEN, FulfillmentState.PICKING}
        return Step.PICK if self.state in before else Step.PACK

    @property
    def is_to_ship(self) -> bool:
        """Whether only the hand-over is left."""
        return self.state is FulfillmentState.PACKED

    @property
    def rows(self) -> tuple[LineRow, ...]:
        """The lines of the parcel as the list shows them."""
        if self.delivery is None:
            return ()
        return tuple(line_row(line, self.step) for line in self.delivery.lines)

    @property
    def current_line(self) -> PickRow | None:
        """The line to be worked on: the one chosen while it is open, else the first open one."""
        lines = () if self.delivery is None else self.delivery.lines
        waiting = [line for line in lines if left_of(line, self.step)]
        for line in waiting:
            if line.order_line_id == self._current:
                return line
        return waiting[0] if waiting else None

    @property
    def can_short(self) -> bool:
        """Whether something may be reported missing."""
        return self.state is FulfillmentState.PICKING and self.current_line is not None

    @property
    def can_print(self) -> bool:
        """Whether there is a packing slip to print."""
        return self.state in {FulfillmentState.PACKED, FulfillmentState.SHIPPED}

    # -- opening

    def open(self, parcel_id: str) -> None:
        """Take a parcel on; an untouched one is begun at once."""
        self._parcel_id = parcel_id
        self.delivery = None
        self.message, self._current, self.slip_path = NOTHING, None, None
        self.run(self._open())

    async def _open(self) -> None:
        draft = await self._desk.load_draft(_CARRIER_SLOT)
        self.carrier = "" if draft is None else draft.content.decode()
        await self.refresh()
        if self.state is FulfillmentState.OPEN and self.delivery is not None:
            await self._desk.submit(
                StartPicking(fulfillment_id=self.delivery.fulfillment.fulfillment_id)
            )
            await self.refresh()

    async def refresh(self) -> None:
        """Load the parcel; says so when it was called off meanwhile."""
        if not self._parcel_id:
            return
        was_open = self.delivery is not None and self.state is not FulfillmentState.CANCELED
        self.delivery = await self._desk.fetch(delivery, self._parcel_id)
        if was_open and self.state is FulfillmentState.CANCELED:
            self._say(tr("fulfillment.canceled_meanwhile"), Tone.WARN, "ban")
        self.changed.emit()

    def choose(self, line_id: str) -> None:
        """Work on another line first."""
        self._current = line_id
        self.changed.emit()

    # -- scanning

    def scan(self, text: str) -> None:
        """Take a scanned or typed code: goods, or a printed command."""
        self.run(self._scan(text))

    async def _scan(self, text: str) -> None:
        qty, code = split_quantity(text)
        if not code or self.delivery is None:
            return
        if code.upper().startswith(COMMAND_PREFIX):
            await self._obey(code.upper().removeprefix(COMMAND_PREFIX))
            return
        if self.is_to_ship:
            await self._ship(self.carrier, code)
            return
        current = self.current_line
        verdict = verify(
            self.delivery.lines,
            code,
            qty=qty,
            step=self.step,
            prefers=None if current is None else current.order_line_id,
        )
        if verdict.finding is Finding.ACCEPTED and verdict.line is not None:
            await self._count(verdict, verdict.line)
        else:
            self._refuse(verdict)

    async def _obey(self, word: str) -> None:
        """A command barcode: what a key would do."""
        if word == "BACK":
            self.go_back()
        elif word == "SHORT":
            self.short_wanted.emit()
        elif word == "PRINT":
            await self._print()
        elif word in {"NEXT", "CONFIRM"}:
            self.next_wanted.emit()
        else:
            self._say(tr("fulfillment.command_unknown", code=word), Tone.DANGER, "circle-x")
            self.refused.emit()

    async def _count(self, verdict: Verdict, line: PickRow) -> None:
        if self.delivery is None:
            return
        kind = PickUnits if self.step is Step.PICK else PackUnits
        await self._desk.submit(
            kind(
                fulfillment_id=self.delivery.fulfillment.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=verdict.qty,
                scanned_code=verdict.code,
            )
        )
        self._current = line.order_line_id
        left = verdict.left_qty - verdict.qty
        key = "fulfillment.accepted_last" if left == 0 else "fulfillment.accepted"
        self._say(tr(key, title=line.title, left=left), Tone.OK, "circle-check")
        self.accepted.emit()
        was = self.state
        await self.refresh()
        if self.state is not was:
            await self._stepped()

    async def _stepped(self) -> None:
        if self.state is FulfillmentState.PICKED:
            self._say(tr("fulfillment.all_picked"), Tone.OK, "package-open")
        elif self.state is FulfillmentState.PACKED:
            self._say(tr("fulfillment.all_packed"), Tone.OK, "package-check")
            await self._print()

    def _refuse(self, verdict: Verdict) -> None:
        current = self.current_line
        expected = "" if current is None else current.title
        if verdict.finding is Finding.WRONG:
            text = tr("fulfillment.wrong", code=verdict.code, expected=expected)
        elif verdict.finding is Finding.COMPLETE:
            title = "" if verdict.line is None else verdict.line.title
            text = tr("fulfillment.complete", title=title, expected=expected)
        else:
            text = tr("fulfillment.too_many", qty=verdict.qty, left=verdict.left_qty)
        self._say(text, Tone.DANGER, "circle-x")
        self.refused.emit()

    # -- missing units, papers, hand-over

    def ask_short(self) -> None:
        """Let the view ask why and how many units are missing."""
        self.short_wanted.emit()

    def report_short(self, reason: ShortReason, qty: int) -> None:
        """Units of the current line are not there."""
        self.run(self._report_short(reason, qty))

    async def _report_short(self, reason: ShortReason, qty: int) -> None:
        line = self.current_line
        if self.delivery is None or line is None:
            return
        await self._desk.submit(
            ReportShort(
                fulfillment_id=self.delivery.fulfillment.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=qty,
                reason=reason,
            )
        )
        self._say(tr("fulfillment.short_noted", title=line.title), Tone.WARN, "triangle-alert")
        was = self.state
        await self.refresh()
        if self.state is not was:
            await self._stepped()

    def print_slip(self) -> None:
        """Print the packing slip (again)."""
        self.run(self._print())

    async def _print(self) -> None:
        if self.delivery is None or not self.can_print:
            return
        place = await self._desk.fetch(location_with_store, self.delivery.fulfillment.location_id)
        made = packing_slip(self.delivery, place)
        try:
            name = f"packing-slip-{self.delivery.order.order_number}.pdf"
            self.slip_path = await self._papers.keep(name, made)
        except Unavailable as error:
            self.error = error
        self.changed.emit()

    def ship(self, carrier: str, tracking_number: str) -> None:
        """Hand the parcel over."""
        self.run(self._ship(carrier, tracking_number))

    async def _ship(self, carrier: str, tracking_number: str) -> None:
        if self.delivery is None:
            return
        tracking = "".join(tracking_number.split())
        if not carrier.strip():
            raise Rejected("carrier_missing", field="carrier")
        if not tracking:
            raise Rejected("tracking_number_missing", field="tracking_number")
        await self._desk.submit(
            ShipFulfillment(
                fulfillment_id=self.delivery.fulfillment.fulfillment_id,
                carrier=carrier.strip(),
                tracking_number=tracking,
            )
        )
        self.carrier = carrier.strip()
        await self._desk.save_draft(_CARRIER_SLOT, self.carrier.encode())
        self.accepted.emit()
        number = self.delivery.order.order_number
        self._say(tr("fulfillment.shipped", number=number), Tone.OK, "truck")
        await self.refresh()
        self.shipped.emit(number)

    def choose_carrier(self, carrier: str) -> None:
        """Remember the carrier for a tracking number that is scanned next."""
        self.carrier = carrier

    def go_back(self) -> None:
        """Return to the queue; everything accepted so far stays."""
        self.left.emit()

    def _say(self, text: str, tone: Tone, icon: str) -> None:
        self.message = Message(text, tone, icon)
        self.changed.emit()
