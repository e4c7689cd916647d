"""The open cart and the parked ones: each change is on the disk a moment later."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.ui import tasks
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.cart import (
    Cart,
    cart_bytes,
    cart_from,
    codes_bytes,
    codes_from,
    new_cart,
    parked_bytes,
    parked_from,
)
from shared.kernel.errors import Rejected
from shared.pos.queries import receipt_of

CART_SLOT = "kiosk.cart"
PARKED_SLOT = "kiosk.parked"
CODES_SLOT = "kiosk.codes"


class Stage(StrEnum):
    """Where the open sale stands."""

    SELLING = "selling"
    TENDERING = "tendering"
    SUBMITTING = "submitting"
    """The sale is on its way to the disk; nothing may change any more."""
    PAID = "paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The sale that was just completed; minor units of `currency`."""

    receipt_id: str
    total_amount: int
    change_amount: int
    currency: str
    has_cash: bool


class Carts(QObject):
    """Holds the open sale, and the codes that wait for a word about them. Signal: `changed`.

    Those codes outlive the sale they came in, so they lie in a draft of their own. Writes are in
    such an order that a crash between two of them leaves a cart or a code in one place too many,
    never in none; `load` then takes the cart out of the second.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cart = new_cart(desk.clock.now())
        self.parked: tuple[Cart, ...] = ()
        self.codes_aside: tuple[str, ...] = ()
        self._codes_taken: tuple[str, ...] = ()
        self.paid: Paid | None = None
        self.is_submitting = False
        self._queue: list[tuple[str, bytes]] = []
        self._writer: tasks.Spawned[None] | None = None

    @property
    def stage(self) -> Stage:
        """Where the open sale stands."""
        if self.is_submitting:
            return Stage.SUBMITTING
        if self.paid is not None:
            return Stage.PAID
        return Stage.TENDERING if self.cart.is_paying else Stage.SELLING

    async def load(self) -> None:
        """Take up what was open before, unless it was paid after all."""
        parked = await self._desk.load_draft(PARKED_SLOT)
        self.parked = () if parked is None else parked_from(parked.content)
        draft = await self._desk.load_draft(CART_SLOT)
        found = None if draft is None else cart_from(draft.content)
        if found is not None and await self._is_open(found):
            self.cart = found
        kept = [cart for cart in self.parked if cart.order_id != self.cart.order_id]
        self.parked = tuple([cart for cart in kept if await self._is_open(cart)])
        codes = await self._desk.load_draft(CODES_SLOT)
        self.codes_aside = () if codes is None else codes_from(codes.content)
        self.changed.emit()

    async def _is_open(self, cart: Cart) -> bool:
        return await self._desk.fetch(receipt_of, cart.receipt_id) is None

    # -- changes

    def put(self, cart: Cart) -> None:
        """Let this be the open cart from now on.

        Raises Rejected("sale_is_submitting") while the sale is on its way.
        """
        if self.is_submitting:
            raise Rejected("sale_is_submitting")
        self.paid = None
        self.cart = cart
        self._save_cart()
        self.changed.emit()

    def park(self) -> None:
        """Put the open cart aside and begin another. Raises Rejected: sale_empty, sale_has_tenders.

        The cart stays what it is: customer, discounts, note.
        """
        self._check_movable()
        if self.cart.is_empty:
            raise Rejected("sale_empty")
        self.parked = (*self.parked, self._put_aside())
        self.cart = self._fresh()
        self._save_parked(self.parked)
        self._save_cart()
        self.changed.emit()

    def recall(self, order_id: str) -> None:
        """Open a parked cart; an open one that is not empty takes its place among the parked."""
        self._check_movable()
        wanted = [cart for cart in self.parked if cart.order_id == order_id]
        if not wanted:
            return
        self.paid = None
        left = tuple(cart for cart in self.parked if cart.order_id != order_id)
        if not self.cart.is_empty:
            left = (*left, self._put_aside())
            # First with both carts, so that neither is ever nowhere.
            self._save_parked((*left, wanted[0]))
        self.cart, self.parked = wanted[0], left
        self._save_cart()
        self._save_parked(left)
        self.changed.emit()

    def drop_parked(self, order_id: str) -> None:
        """Give a parked cart up."""
        self.parked = tuple(cart for cart in self.parked if cart.order_id != order_id)
        self._save_parked(self.parked)
        self.changed.emit()

    # -- codes that wait

    def set_aside(self, *codes: str) -> None:
        """Keep codes that came while something else had the floor."""
        self.codes_aside = (*self.codes_aside, *codes)
        self._save_codes()
        self.changed.emit()

    def take_codes(self) -> tuple[str, ...]:
        """Take the waiting codes to sell them; they stay on the disk until `end_taking`."""
        taken, self.codes_aside = self.codes_aside, ()
        self._codes_taken = (*self._codes_taken, *taken)
        self.changed.emit()
        return taken

    def end_taking(self) -> None:
        """What was taken is in the cart, or was refused: it need not be kept any more."""
        if self._codes_taken:
            self._codes_taken = ()
            self._save_codes()

    def drop_codes(self) -> None:
        """Let go of the waiting codes."""
        self.codes_aside = ()
        self._save_codes()
        self.changed.emit()

    def _check_movable(self) -> None:
        if self.is_submitting:
            raise Rejected("sale_is_submitting")
        if self.cart.tenders:
            raise Rejected("sale_has_tenders")

    def _put_aside(self) -> Cart:
        who = self._desk.session.user_name or self.cart.cashier_name
        return replace(self.cart, is_paying=False, cashier_name=who)

    def _fresh(self) -> Cart:
        return new_cart(self._desk.clock.now(), self._desk.session.user_name)

    # -- the way to the end

    def begin_submit(self) -> None:
        """Let nothing change any more."""
        self.is_submitting = True
        self.changed.emit()

    def end_submit(self, paid: Paid | None) -> None:
        """The sale is done, or it was refused and is open again.

        The draft was cleared together with the sale, so nothing is written here.
        """
        self.is_submitting = False
        if paid is not None:
            self.cart = self._fresh()
        self.paid = paid
        self.changed.emit()

    def dismiss(self) -> None:
        """Go on to the next sale."""
        if self.paid is not None:
            self.paid = None
            self.changed.emit()

    # -- the disk

    async def settle(self) -> None:
        """Wait until everything is written. Raises Unavailable when it cannot be."""
        while self._queue:
            writer = self._writer or self._begin_writing()
            await asyncio.wait({writer.task})
            if not writer.cancelled() and (error := writer.task.exception()) is not None:
                raise error

    def _save_cart(self) -> None:
        self._save(CART_SLOT, b"" if self.cart.is_empty else cart_bytes(self.cart))

    def _save_parked(self, parked: tuple[Cart, ...]) -> None:
        self._save(PARKED_SLOT, parked_bytes(parked) if parked else b"")

    def _save_codes(self) -> None:
        kept = (*self._codes_taken, *self.codes_aside)
        self._save(CODES_SLOT, codes_bytes(kept) if kept else b"")

    def _save(self, slot: str, content: bytes) -> None:
        # The first one may be on its way already; behind it only the newest content counts.
        if len(self._queue) > 1 and self._queue[-1][0] == slot:
            self._queue[-1] = (slot, content)
        else:
            self._queue.append((slot, content))
        if self._writer is None:
            self._begin_writing()

    def _begin_writing(self) -> tasks.Spawned[None]:
        self._writer = begun = tasks.spawn(self, self._write_all())
        return begun

    async def _write_all(self) -> None:
        try:
            while self._queue:
                slot, content = self._queue[0]
                if content:
                    await self._desk.save_draft(slot, content)
                else:
                    await self._desk.clear_draft(slot)
                del self._queue[0]
        finally:
            self._writer = None
