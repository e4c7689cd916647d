"""Finding: search as one types, and scanned codes in the order they came."""

import asyncio
from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from desktop.ui import tasks
from desktop.ui.binding import connect
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.catalog.find import read_typed
from desktop.workspaces.kiosk.catalog.rows import HitRow, hit_row
from desktop.workspaces.kiosk.sale.view_model import SaleViewModel
from shared.catalog.queries import SellableRow, by_code
from shared.kernel.errors import Unavailable
from shared.pos.queries import TillHit, till_search


@dataclass(frozen=True, slots=True)
class _Code:
    """A code that waits for its turn; a typed one may also be the beginning of a name.

    `seen` are the unknown codes that were on screen when it came.
    """

    text: str
    times: Decimal | None
    is_typed: bool
    seen: tuple[str, ...]

    @property
    def may_be_words(self) -> bool:
        """Whether a very quick person may have typed it: codes nearly always have a digit."""
        return not any(letter.isdecimal() for letter in self.text)


class FindViewModel(ViewModel):
    """Turns codes and words into lines.

    Signals: `taken` when the search line has done its work and should be empty, `refused(code)`
    when a code is unknown, `worded(text)` when a code turned out to be words to search for,
    `weighed(line_id)` when a line needs its weight.
    """

    taken = Signal()
    refused = Signal(str)
    worded = Signal(str)
    weighed = Signal(str)

    def __init__(self, sale: SaleViewModel, parent: QObject | None = None) -> None:
        super().__init__(sale.till.desk.hub, parent)
        self.sale = sale
        self.words = ""
        self.times: Decimal | None = None
        self.hits: tuple[HitRow, ...] = ()
        self.marked_hit_id = ""
        self.unknown_codes: tuple[str, ...] = ()
        self._peeked: tuple[str, tasks.Spawned[tuple[TillHit, ...]]] | None = None
        self._words_to_mark = ""
        self._codes: deque[_Code] = deque()
        self._turn: _Code | None = None
        self._order_id = sale.cart.order_id
        self._is_draining = False
        self._drained: list[asyncio.Future[None]] = []
        connect(sale.carts.changed, self._follow)
        connect(sale.line_added, self._on_line_added)

    # -- typing

    def type(self, text: str) -> None:
        """Take what stands in the search line."""
        typed = read_typed(text)
        self.times = typed.times
        self.words = typed.words
        if not self.words:
            self.hits, self.marked_hit_id = (), ""
            tasks.latest(self, "search", self._nothing())
            self.changed.emit()
        else:
            tasks.latest(self, "search", self._search(self.words))

    async def _nothing(self) -> None:
        """Take the place of a search that is no longer wanted."""

    def peek(self, text: str) -> None:
        """Begin to look for what will stand in the search line in a moment, if it comes to that."""
        words = read_typed(text).words
        if words:
            self._peeked = (words, tasks.spawn(self, self._find(words)))

    async def _find(self, words: str) -> tuple[TillHit, ...]:
        desk = self.sale.till.desk
        return await desk.fetch(till_search, words, desk.identity.location_id or "")

    async def _search(self, words: str) -> None:
        peeked, self._peeked = self._peeked, None
        is_found = peeked is not None and peeked[0] == words
        found = await (peeked[1].task if peeked is not None and is_found else self._find(words))
        currency = self.sale.till.currency
        self.hits = tuple(hit_row(hit, currency) for hit in found)
        is_certain = words == self._words_to_mark and len(self.hits) == 1
        self.marked_hit_id = self.hits[0].id if is_certain else ""
        self._words_to_mark = ""
        self.changed.emit()

    def step(self, by: int) -> None:
        """Mark a hit further down (or up), or a line of the cart while nothing is searched for."""
        if not self.hits:
            self.sale.step(by)
            return
        ids = [hit.id for hit in self.hits]
        at = ids.index(self.marked_hit_id) + by if self.marked_hit_id in ids else min(0, by)
        self.marked_hit_id = ids[max(0, min(len(ids) - 1, at))]
        self.changed.emit()

    def enter(self) -> None:
        """Sell the marked hit; else what the words are the code of; else the first hit."""
        marked = [hit for hit in self.hits if hit.id == self.marked_hit_id]
        if marked:
            self.choose(marked[0].variant)
        elif self.words:
            self._queue(self.words, is_typed=True)

    def choose(self, variant: SellableRow) -> None:
        """Sell a variant that was pointed at."""
        times = self._take_times()
        self._sell(variant, times)

    # -- scanning

    def scan(self, code: str) -> None:
        """Sell what a scanned code stands for; codes keep their order."""
        self._queue(code, is_typed=False)

    def set_aside(self, code: str) -> None:
        """Keep a code that came while something else had the floor; a person decides on it."""
        self.sale.carts.set_aside(code)
        self.changed.emit()

    def take_waiting(self) -> None:
        """Sell what was scanned meanwhile."""
        for code in self.sale.carts.take_codes():
            self.scan(code)
        self.changed.emit()

    def drop_waiting(self) -> None:
        """Let go of what was scanned meanwhile."""
        self.sale.carts.drop_codes()
        self.changed.emit()

    def drop_unknown(self) -> None:
        """Let go of the codes that nothing is known of."""
        if self.unknown_codes:
            self.unknown_codes = ()
            self.changed.emit()

    @property
    def waiting_codes(self) -> tuple[str, ...]:
        """What was scanned meanwhile and waits for a word; kept over a crash."""
        return self.sale.carts.codes_aside

    @property
    def is_pending(self) -> bool:
        """Whether a code has been scanned that is no line yet."""
        return bool(self._codes) or self._is_draining

    async def drained(self) -> None:
        """Wait until every code that was scanned before this is a line, or was refused."""
        if self.is_pending:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._drained.append(done)
            await done

    # -- inside

    def _take_times(self) -> Decimal | None:
        times, self.times = self.times, None
        self.words, self.hits, self.marked_hit_id = "", (), ""
        tasks.latest(self, "search", self._nothing())
        self.taken.emit()
        self.changed.emit()
        return times

    def _queue(self, text: str, *, is_typed: bool) -> None:
        times = self._take_times() if is_typed or self.times is not None else None
        is_first = not self.is_pending
        self._codes.append(_Code(text, times, is_typed, self.unknown_codes))
        if is_first:
            self.changed.emit()
        self._go_on()

    def _follow(self) -> None:
        order_id = self.sale.cart.order_id
        if order_id != self._order_id:
            self._order_id = order_id
            self.drop_unknown()
        self._go_on()

    def _on_line_added(self, _line_id: str) -> None:
        """Let go of unknown codes that were seen before this; later ones have yet to be read."""
        seen = self.unknown_codes if self._turn is None else self._turn.seen
        if seen and self.unknown_codes[: len(seen)] == seen:
            self.unknown_codes = self.unknown_codes[len(seen) :]
            self.changed.emit()

    def _go_on(self) -> None:
        is_free = self.sale.carts.stage is not Stage.SUBMITTING
        if self._codes and is_free and not self._is_draining:
            self._is_draining = True
            tasks.spawn(self, self._drain())

    async def _drain(self) -> None:
        try:
            while self._codes and self.sale.carts.stage is not Stage.SUBMITTING:
                await self._sell_code(self._codes.popleft())
        finally:
            self._is_draining = False
            if not self._codes:
                self.sale.carts.end_taking()
                self._tell_drained()

    def _tell_drained(self) -> None:
        waiting, self._drained = self._drained, []
        for done in waiting:
            if not done.done():
                done.set_result(None)

    async def _sell_code(self, code: _Code) -> None:
        try:
            variant, unit_qty = await self._found(code)
        except Unavailable:
            # Nothing is lost: a person says when to go on.
            waiting = tuple(each.text for each in (code, *self._codes))
            self._codes.clear()
            self.sale.carts.set_aside(*waiting)
            self.changed.emit()
            raise
        if self.sale.carts.stage is Stage.SUBMITTING:
            self._codes.appendleft(code)
        elif variant is not None:
            is_plain = code.times is None and unit_qty == 1
            times = None if is_plain else (code.times or Decimal(1)) * unit_qty
            self._turn = code
            self._sell(variant, times, code.text)
            self._turn = None
        elif code.is_typed or not code.may_be_words or not await self._is_words(code.text):
            self.unknown_codes = (*self.unknown_codes, code.text)
            self.refused.emit(code.text)
            self.changed.emit()

    async def _is_words(self, text: str) -> bool:
        """Search for what was taken for a code, if anything is called so; nothing is sold yet."""
        if self.sale.carts.stage not in {Stage.SELLING, Stage.PAID}:
            return False
        looking = tasks.spawn(self, self._find(text))
        if not await looking.task:
            return False
        self.sale.carts.dismiss()
        self._peeked, self._words_to_mark = (text, looking), text
        self.worded.emit(text)
        return True

    async def _found(self, code: _Code) -> tuple[SellableRow | None, int]:
        """What a code stands for, and how many units of it."""
        desk = self.sale.till.desk
        hit = await desk.fetch(by_code, code.text)
        if hit is not None:
            return hit.variant, hit.unit_qty
        if not code.is_typed:
            return None, 1
        place = desk.identity.location_id or ""
        found = await desk.fetch(till_search, code.text, place, limit=1)
        return (found[0].variant if found else None), 1

    def _sell(self, variant: SellableRow, times: Decimal | None, code: str = "") -> None:
        if not self.sale.can_edit:
            self.sale.carts.set_aside(code or variant.sku or variant.name)
            self.refused.emit(code)
            self.changed.emit()
            return
        if self.sale.add(variant, times or Decimal(1)):
            added = self.sale.marked
            if added is not None and added.sale.qty_exponent and times is None:
                self.weighed.emit(added.line_id)
