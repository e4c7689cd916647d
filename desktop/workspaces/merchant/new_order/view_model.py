"""State of an order that is being taken by hand: customer, lines, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.ui import tasks
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.new_order.rows import (
    FOUND_COLUMNS,
    TAKEN_COLUMNS,
    Begun,
    FoundRow,
    Taken,
    TakenRow,
)
from desktop.workspaces.merchant.office import Office
from shared.catalog.queries import SellableRow, by_code, search_variants, sellable
from shared.customers.queries import customer_list, customers
from shared.customers.tables import CustomerRow
from shared.inventory.queries import available_at
from shared.kernel.errors import Rejected
from shared.kernel.ids import LocationId, OrderId, OrderLineId, new_id
from shared.kernel.quantity import unit_of
from shared.orders.commands import Channel, PlacedLine, PlaceOrder
from shared.reports.queries import Quote, quote
from shared.storage.reader import Reader

DRAFT = "merchant.new_order"
_SHOWN = 8


class NewOrderViewModel(ViewModel):
    """Lines, customer and shipping of one order. Signal: `placed(order_id)`."""

    watches = frozenset({"variant", "product", "tax_rate"})
    placed = Signal(str)

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.begun = Begun()
        self.lines: tuple[Taken, ...] = ()
        self.customer: CustomerRow | None = None
        self.found_customers: tuple[CustomerRow, ...] = ()
        self.quote: Quote | None = None
        self.found = TableModel(FOUND_COLUMNS, self)
        self.taken = TableModel(TAKEN_COLUMNS, self)

    async def begin(self, filled: Mapping[str, object]) -> None:
        """Go on with what was begun before, or start with these fields."""
        kept = await self.office.desk.load_draft(DRAFT)
        begun = Begun() if kept is None else _read(kept.content)
        if filled:
            known = {name: value for name, value in filled.items() if hasattr(begun, name)}
            begun = msgspec.convert(msgspec.to_builtins(Begun()) | known, Begun)
        found, customer = await self.office.desk.fetch(_begun, begun)
        quantities = dict(begun.lines)
        self.begun, self.customer = begun, customer
        self.lines = tuple(
            Taken(new_id(), variant, quantities[variant.variant_id]) for variant in found
        )
        await self._price()

    async def refresh(self) -> None:
        """Price everything anew, because prices may have changed."""
        await self._price()

    # -- what is shown

    @property
    def location_id(self) -> str:
        """Where it will be shipped from."""
        return self.begun.location_id or self.office.location_id or ""

    @property
    def can_place(self) -> bool:
        """Whether there is something to be ordered and its total stands there."""
        return bool(self.lines) and self.quote is not None

    @property
    def is_begun(self) -> bool:
        """Whether there is something that would be lost."""
        return bool(self.lines) or self.customer is not None

    # -- lines

    async def search(self, text: str) -> None:
        """Find variants to add."""
        if not text:
            self.found.set_rows(())
            return
        rows, left = await self.office.desk.fetch(_found, text, self.location_id)
        self.found.set_rows([_found_row(row, left, self.office.currency) for row in rows])

    async def enter(self, text: str, marked: str) -> bool:
        """Add what a scanned or typed code stands for, else the marked hit; False if neither."""
        hit = await self.office.desk.fetch(by_code, text) if text else None
        if hit is not None:
            await self._add(hit.variant, hit.unit_qty)
            return True
        if not marked:
            return False
        (variant,) = await self.office.desk.fetch(sellable, [marked])
        await self._add(variant, 1)
        return True

    def set_qty(self, line_id: str, qty: int) -> None:
        """Change the quantity of a line; none takes it out."""
        self.lines = tuple(
            replace(line, qty=qty) if line.line_id == line_id else line
            for line in self.lines
            if line.line_id != line_id or qty > 0
        )
        tasks.latest(self, "price", self._price())

    def step(self, line_id: str, step: int) -> None:
        """One whole unit more or less of a line."""
        for line in self.lines:
            if line.line_id == line_id:
                unit = 10 ** unit_of(line.variant.unit_code).exponent
                self.set_qty(line_id, max(0, line.qty + step * unit))

    # -- customer, shipping, note

    async def search_customers(self, text: str) -> None:
        """Find customers."""
        found = await self.office.desk.fetch(customers, text=text, limit=_SHOWN) if text else ()
        self.found_customers = found
        self.changed.emit()

    def choose_customer(self, customer: CustomerRow | None) -> None:
        """Take it for a customer, or for nobody."""
        self.customer, self.found_customers = customer, ()
        self.begun = replace(self.begun, customer_id=customer.customer_id if customer else "")
        self.changed.emit()
        tasks.latest(self, "keep", self._keep())

    def set_terms(self, terms: Mapping[str, object]) -> None:
        """Change shipping, location or note."""
        begun = msgspec.convert(msgspec.to_builtins(self.begun) | dict(terms), Begun)
        if begun != self.begun:
            self.begun = begun
            tasks.latest(self, "price", self._price())

    # -- the end

    async def place(self) -> None:
        """Place the order at the total that is shown.

        Raises Rejected; when the total differs, the new one is shown.
        """
        if self.quote is None:
            return
        order_id = OrderId(new_id())
        customer = self.customer
        address = customer.addresses[0] if customer is not None and customer.addresses else None
        command = PlaceOrder(
            order_id=order_id,
            order_number=self._number(order_id),
            channel=Channel.OFFICE,
            location_id=LocationId(self.location_id),
            lines=self._placed(),
            shipping_title=self.begun.shipping_title,
            shipping_amount=self.begun.shipping_amount,
            customer_id=None if customer is None else customer.customer_id,
            ship_to=address,
            note=self.begun.note,
            expected_total_amount=self.quote.priced.total_amount,
        )
        try:
            await self.office.desk.submit(command, clears_draft=DRAFT)
        except Rejected as error:
            if error.code == "total_differs":
                await self._price()
            raise
        self._empty()
        self.placed.emit(order_id)

    async def discard(self) -> None:
        """Forget everything that was begun."""
        self._empty()
        await self.office.desk.clear_draft(DRAFT)

    # -- inside

    def _empty(self) -> None:
        self.lines, self.customer, self.begun, self.quote = (), None, Begun(), None
        self.taken.set_rows(())
        self.found.set_rows(())
        self.changed.emit()

    async def _add(self, variant: SellableRow, units: int) -> None:
        qty = units * 10 ** unit_of(variant.unit_code).exponent
        known = [line for line in self.lines if line.variant.variant_id == variant.variant_id]
        if known:
            self.lines = tuple(
                replace(line, qty=line.qty + qty) if line is known[0] else line
                for line in self.lines
            )
        else:
            self.lines = (*self.lines, Taken(new_id(), variant, qty))
        self.found.set_rows(())
        await self._price()

    def _placed(self) -> tuple[PlacedLine, ...]:
        return tuple(
            PlacedLine(
                order_line_id=OrderLineId(line.line_id),
                variant_id=line.variant.variant_id,
                qty=line.qty,
            )
            for line in self.lines
        )

    async def _price(self) -> None:
        self._show_lines()
        self.quote = None
        if self.lines:
            self.quote = await self.office.desk.fetch(
                quote,
                self._placed(),
                shipping_title=self.begun.shipping_title,
                shipping_amount=self.begun.shipping_amount,
            )
            self._show_lines()
        self.changed.emit()
        await self._keep()

    def _show_lines(self) -> None:
        priced = {} if self.quote is None else {row.order_line_id: row for row in self.quote.lines}
        rows = []
        for line in self.lines:
            found = priced.get(line.line_id)
            rows.append(
                TakenRow(
                    line.line_id,
                    line.variant.name,
                    line.variant.sku or "",
                    line.qty,
                    line.variant.price_amount if found is None else found.unit_price_amount,
                    None if found is None else found.gross_amount,
                    unit_of(line.variant.unit_code).exponent,
                    self.office.currency,
                )
            )
        self.taken.set_rows(rows)

    async def _keep(self) -> None:
        lines = tuple((line.variant.variant_id, line.qty) for line in self.lines)
        self.begun = replace(self.begun, lines=lines)
        if self.is_begun:
            await self.office.desk.save_draft(DRAFT, msgspec.json.encode(self.begun))

    def _number(self, order_id: str) -> str:
        """A number for people: the day, and letters that no other device makes that day."""
        day = self.office.desk.clock.now().strftime("%y%m%d")
        return f"O-{day}-{order_id[-5:].upper()}"


def _read(content: bytes) -> Begun:
    try:
        return msgspec.json.decode(content, type=Begun)
    except msgspec.DecodeError:
        return Begun()


def _begun(reader: Reader, begun: Begun) -> tuple[tuple[SellableRow, ...], CustomerRow | None]:
    known = customer_list(reader, [begun.customer_id]) if begun.customer_id else ()
    found = sellable(reader, [variant_id for variant_id, _ in begun.lines])
    return found, known[0] if known else None


def _found(
    reader: Reader, text: str, location_id: str
) -> tuple[Sequence[SellableRow], Mapping[str, int]]:
    rows = search_variants(reader, text, limit=_SHOWN)
    return rows, available_at(reader, location_id, [row.variant_id for row in rows])


def _found_row(row: SellableRow, left: Mapping[str, int], currency: str) -> FoundRow:
    return FoundRow(
        row.variant_id,
        row.name,
        row.sku or "",
        row.price_amount,
        left.get(row.variant_id, 0) if row.is_stock_tracked else None,
        unit_of(row.unit_code).exponent,
        currency,
    )
