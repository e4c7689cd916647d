"""The open cart and the parked ones: each change is on the disk a moment later."""

import asyncio
import logging
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.changes import Changes
from desktop.journal import PARKED_SLOT
from desktop.shelving import SHELF_KIND, StoreShelves
from desktop.ui import tasks
from desktop.ui.binding import connect
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.cart import (
    Cart,
    new_cart,
)
from desktop.workspaces.kiosk.kept_carts import (
    cart_bytes,
    cart_from,
    carts_of_others,
    codes_bytes,
    codes_from,
    parked_bytes,
    parked_from,
)
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import DeviceId, LocationId, new_id
from shared.organization.queries import devices, the_store
from shared.pos.queries import issued_among, receipt_of
from shared.storage.reader import Reader
from shared.sync.protocol.hub import TakenCart

_log = logging.getLogger(__name__)
CART_SLOT = "kiosk.cart"
CODES_SLOT = "kiosk.codes"


SALE_DONE_ALREADY = "sale_done_already"
"""Rejected: the open sale was completed before, here or at another till."""
_WATCHED = frozenset({SHELF_KIND, "receipt"})


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


@dataclass(frozen=True, slots=True)
class OtherCart:
    """A cart that is parked at another device of the store, `place` is that device's name."""

    cart: Cart
    device_id: DeviceId
    place: str


class Carts(QObject):
    """Holds the open sale, and the codes that wait for a word about them.

    Signals: `changed`; `sold_elsewhere` when the open sale was completed at another till and was
    put away.

    What is parked at other devices of the store is looked at whenever it is told to differ. The
    codes outlive the sale they came in, so they lie in a draft of their own. Writes are in such an
    order that a crash between two of them leaves a cart or a code in one place too many, never in
    none; `load` then takes the cart out of the second.
    """

    changed = Signal()
    sold_elsewhere = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cart = new_cart(desk.clock.now())
        self.parked: tuple[Cart, ...] = ()
        self.at_others: tuple[OtherCart, ...] = ()
        self._is_loaded = False
        self.codes_aside: tuple[str, ...] = ()
        self._codes_taken: tuple[str, ...] = ()
        self.paid: Paid | None = None
        self.is_submitting = False
        self._queue: list[tuple[str, bytes]] = []
        self._writer: tasks.Spawned[None] | None = None
        connect(desk.hub.changed, self._on_changes)

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
        self._is_loaded = True
        await self.look()

    async def _is_open(self, cart: Cart) -> bool:
        return await self._desk.fetch(receipt_of, cart.receipt_id) is None

    # -- the other devices of the store

    def _on_changes(self, changes: Changes) -> None:
        if self._is_loaded and changes.touches(_WATCHED):
            self._look_again()

    def _look_again(self) -> None:
        tasks.latest(self, "look", self._look_or_wait())

    async def _look_or_wait(self) -> None:
        try:
            await self.look()
        except Unavailable as error:
            # Own sales do not depend on it; the next change lets it be tried again.
            _log.warning("what is parked elsewhere cannot be seen now: %s", error)

    async def look(self) -> None:
        """See what is parked elsewhere, and let go of what went on, or was sold, elsewhere."""
        identity = self._desk.identity
        standing = await self._desk.shelves()
        others = await self._desk.fetch(_offered, standing, identity.location_id)
        asked = [self.cart, *self.parked, *(each.cart for each in others)]
        sold = await self._desk.fetch(issued_among, tuple(cart.receipt_id for cart in asked))
        own = [each for each in standing.taken if each.device_id == identity.device_id]
        self._let_go({each.parking_id for each in own}, sold)
        here = {self.cart.order_id, *(cart.order_id for cart in self.parked)}
        offered = {
            each.cart.order_id: each
            for each in others
            if each.cart.order_id not in here and each.cart.receipt_id not in sold
        }
        # A machine that became another till tells of the same carts under both names.
        self.at_others = tuple(offered.values())
        self.changed.emit()
        await self._tell_taken(
            [each for each in others if each.cart.order_id == self.cart.order_id]
        )

    def _let_go(self, gone: set[str], sold: frozenset[str]) -> None:
        """Drop own parked carts that are gone, and the open one if it was sold elsewhere."""
        kept = tuple(
            cart
            for cart in self.parked
            if cart.parking_id not in gone and cart.receipt_id not in sold
        )
        if kept != self.parked:
            self.parked = kept
            self._save_parked(kept)
        is_free = not self.is_submitting and not self.cart.tenders
        if is_free and not self.cart.is_empty and self.cart.receipt_id in sold:
            self.put_away()
            self.sold_elsewhere.emit()

    async def _tell_taken(self, taken: list[OtherCart]) -> None:
        """Tell that carts go on here, once the disk says so too."""
        if taken:
            await self.settle()
        for each in taken:
            await self._desk.take_cart(
                TakenCart(device_id=each.device_id, parking_id=each.cart.parking_id)
            )

    # -- changes

    def put(self, cart: Cart) -> None:
        """Let this be the open cart from now on.

        Raises Rejected("sale_is_submitting") while the sale is on its way.
        """
        if self.is_submitting:
            raise Rejected("sale_is_submitting")
        gave_back = bool(self.cart.tenders and not cart.tenders)
        self.paid = None
        self.cart = cart
        self._save_cart()
        self.changed.emit()
        if gave_back:
            # While there was money in it, it could not be put away.
            self._look_again()

    def put_away(self) -> None:
        """Begin another sale in place of the open one, which is kept nowhere."""
        self.cart = self._fresh()
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
        """Open a parked cart; an open one that is not empty takes its place among the parked.

        One that is parked at another device goes on here, and all are told.
        """
        self._check_movable()
        wanted = [cart for cart in self.parked if cart.order_id == order_id]
        taken = [each.cart for each in self.at_others if each.cart.order_id == order_id]
        if not (wanted or taken):
            return
        self.paid = None
        left = tuple(cart for cart in self.parked if cart.order_id != order_id)
        if not self.cart.is_empty:
            left = (*left, self._put_aside())
            # First with both carts, so that neither is ever nowhere.
            self._save_parked((*left, *wanted))
        self.cart, self.parked = (wanted or taken)[0], left
        self.at_others = tuple(each for each in self.at_others if each.cart.order_id != order_id)
        self._save_cart()
        self._save_parked(left)
        self.changed.emit()
        if taken:
            self._look_again()

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
        return replace(self.cart, is_paying=False, cashier_name=who, parking_id=new_id())

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


def _offered(
    reader: Reader, standing: StoreShelves, location_id: LocationId | None
) -> tuple[OtherCart, ...]:
    """The carts that other devices of a location have parked, without those that went on."""
    store = the_store(reader)
    gone = {(each.device_id, each.parking_id) for each in standing.taken}
    names = {
        each.device_id: each.name for each in devices(reader) if each.location_id == location_id
    }
    return tuple(
        OtherCart(cart, shelf.device_id, names[shelf.device_id])
        for shelf in standing.others
        if shelf.device_id in names
        for cart in carts_of_others(shelf.content.encode(), store)
        if (shelf.device_id, cart.parking_id) not in gone
    )
