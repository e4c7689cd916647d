"""State and intents of one parcel: every scan is a fact as soon as it is accepted."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeVarTuple

from PySide6.QtCore import QObject, Signal

from desktop.ui.view_model import ViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment import feedback
from desktop.workspaces.fulfillment.feedback import Message
from desktop.workspaces.fulfillment.parcel.standing import Standing
from desktop.workspaces.fulfillment.ports import Papers
from desktop.workspaces.fulfillment.slip import packing_slip
from desktop.workspaces.fulfillment.verify import (
    Finding,
    Step,
    Verdict,
    Word,
    command_of,
    is_command,
    is_of_parcel,
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
from shared.fulfillment.queries import Delivery, PickRow, delivery, goods_title, order_with_label
from shared.kernel.errors import Rejected
from shared.organization.queries import location_with_store

Ts = TypeVarTuple("Ts")
_CARRIER_SLOT = "fulfillment/carrier"


class ParcelViewModel(ViewModel):
    """One parcel through its three steps; what is scanned is dealt with in the order of scanning.

    Signals: `left` (back to the queue), `accepted` and `refused` (a scan's second feedback),
    `next_wanted`, `short_wanted`, `confirm_wanted` (what Enter would do), `stage_changed` (another
    step: the focus belongs elsewhere).
    """

    left = Signal()
    accepted = Signal()
    refused = Signal()
    next_wanted = Signal()
    short_wanted = Signal()
    confirm_wanted = Signal()
    stage_changed = Signal()

    watches: ClassVar[frozenset[str]] = frozenset({"fulfillment", "fulfillment_line", "barcode"})

    def __init__(self, desk: Desk, papers: Papers, parent: QObject | None = None) -> None:
        super().__init__(desk.hub, parent)
        self._desk = desk
        self._papers = papers
        self._turn = asyncio.Lock()
        self.parcel_id = ""
        self.standing = Standing()
        self.message = feedback.NOTHING
        self.carrier = ""
        self.tracking_number = ""
        self.slip_path: Path | None = None

    @property
    def delivery(self) -> Delivery | None:
        """The parcel as it was loaded last."""
        return self.standing.delivery

    # -- opening

    def open(self, parcel_id: str) -> None:
        """Take a parcel on; an untouched one is begun at once."""
        self.parcel_id = parcel_id
        self.standing = Standing()
        self.message, self.slip_path = feedback.NOTHING, None
        self.tracking_number = ""
        self._run(self._open)

    def close(self) -> None:
        """Let go of the parcel; changes to it are not told any more."""
        self.parcel_id = ""
        self.standing = Standing()

    async def _open(self) -> None:
        draft = await self._desk.load_draft(_CARRIER_SLOT)
        self.carrier = "" if draft is None else draft.content.decode()
        found = await self._load()
        if found is not None and self.standing.state is FulfillmentState.OPEN:
            try:
                parcel_id = found.fulfillment.fulfillment_id
                await self._desk.submit(StartPicking(fulfillment_id=parcel_id))
            finally:
                await self._load()
        if self.standing.picked_by_other(self._desk.session.user_id) and self.delivery is not None:
            self.message = feedback.taken(self.delivery.picker_name)
        if found is not None and self.standing.state is FulfillmentState.SHIPPED:
            self.message = feedback.shipped(found.order.order_number)
        self.changed.emit()
        self.stage_changed.emit()

    async def refresh(self) -> None:
        """Load the parcel; says so when it was called off meanwhile."""
        was = self.standing.state
        had = self.delivery
        if await self._load() is None:
            return
        if (
            had is not None
            and was is not self.standing.state
            and self.standing.state is FulfillmentState.CANCELED
        ):
            self.message = feedback.canceled()
            self.refused.emit()
        self.changed.emit()
        if was is not self.standing.state:
            self.stage_changed.emit()

    async def _load(self) -> Delivery | None:
        """The parcel at hand; None when there is none, or another one by now."""
        wanted = self.parcel_id
        if not wanted:
            return None
        found = await self._desk.fetch(delivery, wanted)
        if wanted != self.parcel_id:
            return None
        self.standing = replace(self.standing, delivery=found)
        return found

    def choose(self, line_id: str) -> None:
        """Work on another line first."""
        self.standing = replace(self.standing, chosen_id=line_id)
        self.changed.emit()

    def step_line(self, by: int) -> None:
        """Work on the open line after (1) or before (-1) the current one."""
        line = self.standing.line
        if line is not None:
            waiting = self.standing.waiting
            self.choose(waiting[(waiting.index(line) + by) % len(waiting)].order_line_id)

    # -- scanning

    def scan(self, text: str) -> None:
        """Take a scanned or typed code: goods, a label, or a printed command."""
        self._run(self._scan, text)

    async def _scan(self, text: str) -> None:
        times, code = split_quantity(text)
        if not code or self.delivery is None:
            return
        if is_command(code):
            await self._obey(code)
        elif self.standing.is_to_ship:
            await self._take_label(code)
        elif self.standing.can_go_on:
            self._refuse(feedback.nothing_to_scan())
        else:
            await self._take_goods(self.delivery, code, times)

    async def _obey(self, code: str) -> None:
        """A command barcode: what a key would do."""
        word = command_of(code)
        if word is None:
            self._refuse(feedback.no_command(code))
        elif word is Word.BACK:
            self.go_back()
        elif word is Word.SHORT and self.standing.can_short:
            self.short_wanted.emit()
        elif word is Word.PRINT and self.standing.can_print:
            await self._save_again()
        elif word in {Word.NEXT, Word.CONFIRM} and self.standing.can_go_on:
            self.next_wanted.emit()
        elif word is Word.CONFIRM and self.standing.is_to_ship:
            self.confirm_wanted.emit()
        else:
            self._refuse(feedback.not_now())

    async def _take_goods(self, at_hand: Delivery, code: str, times: Decimal | None) -> None:
        current = self.standing.line
        verdict = verify(
            at_hand.lines,
            code,
            times=times,
            step=self.standing.step,
            prefers=None if current is None else current.order_line_id,
        )
        if verdict.finding is Finding.ACCEPTED and verdict.line is not None:
            await self._count(at_hand, verdict, verdict.line)
            return
        title = ""
        if verdict.finding is Finding.WRONG:
            known = await self._desk.fetch(goods_title, code)
            title = known or ""
        self._refuse(feedback.refused(verdict, scanned_title=title, expected=current))

    async def _count(self, at_hand: Delivery, verdict: Verdict, line: PickRow) -> None:
        kind = PickUnits if self.standing.step is Step.PICK else PackUnits
        message = feedback.counted(verdict, line, self.standing.step)
        was = self.standing.state
        await self._desk.submit(
            kind(
                fulfillment_id=at_hand.fulfillment.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=verdict.qty,
                scanned_code=verdict.code,
            )
        )
        self.standing = replace(self.standing, chosen_id=line.order_line_id)
        self.accepted.emit()
        await self._go_on(was, message)

    async def _go_on(self, was: FulfillmentState, message: Message) -> None:
        """Show what became of the parcel, and the next step when this one is done.

        `was` is the state before the command: a refresh may have seen the new one already.
        """
        self.message = message
        await self._load()
        is_new = self.standing.state is not was
        if is_new and self.standing.state is FulfillmentState.PICKED:
            self.message = feedback.all_picked()
            if self.standing.is_empty:
                self.message = feedback.nothing_picked()
        elif is_new and self.standing.state is FulfillmentState.PACKED:
            self.message = feedback.all_packed()
        self.changed.emit()
        if is_new:
            self.stage_changed.emit()
        if is_new and self.standing.state is FulfillmentState.PACKED:
            await self._save_slip()

    # -- missing units

    def ask_short(self) -> None:
        """Let the view ask why and how many units are missing."""
        self.short_wanted.emit()

    def report_short(self, line_id: str, reason: ShortReason, qty: int) -> None:
        """Units of a line are not there."""
        self._run(self._report_short, line_id, reason, qty)

    async def _report_short(self, line_id: str, reason: ShortReason, qty: int) -> None:
        line = next((each for each in self.standing.lines if each.order_line_id == line_id), None)
        if self.delivery is None or line is None:
            return
        was = self.standing.state
        await self._desk.submit(
            ReportShort(
                fulfillment_id=self.delivery.fulfillment.fulfillment_id,
                order_line_id=line.order_line_id,
                qty=qty,
                reason=reason,
            )
        )
        await self._go_on(was, feedback.short_noted(line))

    # -- packing slip

    def print_slip(self) -> None:
        """Save the packing slip (again), to be printed."""
        self._run(self._save_again)

    async def _save_again(self) -> None:
        if not self.standing.can_print:
            return
        path = await self._save_slip()
        if path is not None:
            self.message = feedback.slip_saved(path)
            self.changed.emit()

    async def _save_slip(self) -> Path | None:
        found = self.delivery
        if found is None:
            return None
        place = await self._desk.fetch(location_with_store, found.fulfillment.location_id)
        made = await asyncio.to_thread(packing_slip, found, place)
        name = f"packing-slip-{found.order.order_number}.pdf"
        self.slip_path = await self._papers.keep(name, made)
        self.changed.emit()
        return self.slip_path

    # -- hand-over

    async def _take_label(self, code: str) -> None:
        """A code scanned when the parcel is packed: the label of its carrier, and nothing else."""
        fault = await self._label_fault(code)
        if fault is not None:
            self._refuse(fault)
        elif self.carrier.strip():
            await self._ship(self.carrier, code)
        else:
            self.tracking_number = code
            self._refuse(feedback.carrier_first(code))
            self.stage_changed.emit()

    async def _label_fault(self, code: str) -> Message | None:
        """Why a code cannot be this parcel's tracking number, if it cannot."""
        if self.delivery is None:
            return feedback.not_now()
        is_slip = code.casefold() == self.delivery.order.order_number.casefold()
        is_goods = is_of_parcel(self.delivery.lines, code)
        if is_slip or is_goods or await self._desk.fetch(goods_title, code) is not None:
            return feedback.not_a_label(code)
        parcel_id = self.delivery.fulfillment.fulfillment_id
        other = await self._desk.fetch(order_with_label, code, besides=parcel_id)
        return None if other is None else feedback.label_used(other)

    def ship(self, carrier: str, tracking_number: str) -> None:
        """Hand the parcel over."""
        self._run(self._ship, carrier, tracking_number)

    async def _ship(self, carrier: str, tracking_number: str) -> None:
        if self.delivery is None:
            return
        tracking, carrier = "".join(tracking_number.split()), carrier.strip()
        if not carrier:
            raise Rejected("carrier_missing", field="carrier")
        if not tracking:
            raise Rejected("tracking_number_missing", field="tracking_number")
        fault = await self._label_fault(tracking)
        if fault is not None:
            self._refuse(fault)
            return
        parcel_id, was = self.delivery.fulfillment.fulfillment_id, self.standing.state
        await self._desk.submit(
            ShipFulfillment(fulfillment_id=parcel_id, carrier=carrier, tracking_number=tracking)
        )
        self.carrier = carrier
        self.accepted.emit()
        await self._go_on(was, feedback.shipped(self.delivery.order.order_number))
        await self._desk.save_draft(_CARRIER_SLOT, carrier.encode())

    def choose_carrier(self, carrier: str) -> None:
        """Remember the carrier for a tracking number that is scanned next."""
        self.carrier = carrier

    # -- going on

    def go_back(self) -> None:
        """Return to the queue; everything accepted so far stays."""
        self.left.emit()

    def go_next(self) -> None:
        """Open the next parcel, once this one is done with."""
        if self.standing.can_go_on:
            self.next_wanted.emit()

    # -- inside

    def _run(self, intent: Callable[[*Ts], Coroutine[Any, Any, None]], *args: *Ts) -> None:
        self.run(self._in_turn(intent, *args))

    async def _in_turn(
        self, intent: Callable[[*Ts], Coroutine[Any, Any, None]], *args: *Ts
    ) -> None:
        """One after the other: what was scanned first is judged and counted first."""
        async with self._turn:
            try:
                await intent(*args)
            except Rejected as error:
                await self._load()
                self._refuse(feedback.rejected(error))
                if error.field is not None:
                    self.show_rejected(error)

    def _refuse(self, message: Message) -> None:
        self.message = message
        self.refused.emit()
        self.changed.emit()
