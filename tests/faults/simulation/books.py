"""The shop's books kept by hand: what each command does to stock and money, without any handler."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from shared.catalog.commands import ImportProducts
from shared.catalog.tables import VARIANT, VariantRow
from shared.fulfillment.commands import PackUnits, PickUnits, ReportShort, ShipFulfillment
from shared.fulfillment.tables import FulfillmentRow
from shared.inventory.commands import AdjustStock, CountStock
from shared.inventory.tables import STOCK_ENTRY, STOCK_LEVEL
from shared.kernel.messages import Command, OutcomeState
from shared.orders.commands import PlaceOrder
from shared.orders.tables import ORDER, OrderLineRow
from shared.organization.tables import DeviceRow
from shared.payments.commands import PaymentKind, TakePayment
from shared.payments.tables import PAYMENT_ENTRY
from shared.pos.commands import RECEIPT_SERIES, CompleteSale, RefundSale
from shared.pos.tables import RECEIPT
from shared.runtime.registry import read_command
from shared.storage.reader import Reader
from tests.faults.simulation.authority import Decided, Fact, OwnWork

APPLIED = frozenset({OutcomeState.APPLIED, OutcomeState.APPLIED_WITH_EXCEPTION})
_Place = tuple[str, str]
_K = TypeVar("_K", bound=Hashable)


@dataclass
class _Parcel:
    """One line of a delivery."""

    variant_id: str
    location_id: str
    qty: int
    picked: int = 0
    short: int = 0
    packed: int = 0


@dataclass(frozen=True)
class _Where:
    """Who sent a command, with which receipt number, and whether it opened a case."""

    device_id: str
    receipt_no: int
    is_odd: bool = False


@dataclass
class Books:
    """Stock by variant and place, money by order, receipt numbers by till."""

    reader: Reader
    stock: Counter[_Place] = field(default_factory=Counter)
    captured: Counter[str] = field(default_factory=Counter)
    refunded: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _sold: dict[str, _Place] = field(default_factory=dict)
    _parcels: dict[str, _Parcel] = field(default_factory=dict)
    _of_order: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _shipped: set[str] = field(default_factory=set)

    def enter_all(self, facts: Iterable[Fact]) -> None:
        """Enter commands in the order of their commits."""
        for fact in facts:
            if isinstance(fact, OwnWork):
                self._enter(fact.command, _Where("", 0))
            elif fact.is_run and fact.outcome.state in APPLIED:
                self._enter(_command(fact), _where(fact))

    def _enter(self, command: Command, where: _Where) -> None:
        enter = _ENTRIES.get(type(command))
        if enter is not None:
            enter(self, command, where)

    # -- the till ----------------------------------------------------------------------------

    def sale(self, command: CompleteSale, where: _Where) -> None:
        """Goods left the shelf, money came in, a number was given."""
        device = self.reader.require(DeviceRow, where.device_id)
        for line in command.lines:
            if line.variant_id is not None and self._is_known(line.order_line_id, where):
                place = (line.variant_id, str(device.location_id))
                self.stock[place] -= line.qty
                self._sold[line.order_line_id] = place
        self.captured[command.order_id] += sum(tender.amount for tender in command.tenders)
        self.receipts[str(device.register_id)].append(where.receipt_no)

    def _is_known(self, line_id: str, where: _Where) -> bool:
        """Whether the server knew what was sold; put back from a copy it may not, and says so."""
        is_known = self.reader.require(OrderLineRow, line_id).variant_id is not None
        assert is_known or where.is_odd, f"line {line_id} lost its variant without a word"
        return is_known

    def refund(self, command: RefundSale, where: _Where) -> None:
        """Goods and money went back, a number was given."""
        device = self.reader.require(DeviceRow, where.device_id)
        for line in command.lines:
            if line.is_restocked and line.order_line_id in self._sold:
                self.stock[self._sold[line.order_line_id]] += line.qty
        self.refunded[command.order_id] += command.refund_amount
        self.receipts[str(device.register_id)].append(where.receipt_no)

    # -- the back office ---------------------------------------------------------------------

    def adjust(self, command: AdjustStock, _where: _Where) -> None:
        """Stock came in or went out."""
        self.stock[command.variant_id, command.location_id] += command.delta_qty

    def count(self, command: CountStock, _where: _Where) -> None:
        """The shelf holds what was counted."""
        self.stock[command.variant_id, command.location_id] = command.counted_qty

    def payment(self, command: TakePayment, _where: _Where) -> None:
        """Money came in outside a till."""
        self.captured[command.order_id] += command.amount

    def imported(self, command: ImportProducts, _where: _Where) -> None:
        """The file says what is on hand."""
        for product in command.products:
            for draft in product.variants:
                (variant,) = self.reader.find(VariantRow, VARIANT.c.sku == draft.sku)
                place = (variant.variant_id, str(command.location_id))
                self.stock[place] = draft.on_hand_qty

    def order(self, command: PlaceOrder, _where: _Where) -> None:
        """Goods are promised, nothing moves."""
        for line in command.lines:
            self._parcels[line.order_line_id] = _Parcel(
                line.variant_id, command.location_id, line.qty
            )
            self._of_order[command.order_id].append(line.order_line_id)

    # -- the station -------------------------------------------------------------------------

    def pick(self, command: PickUnits, _where: _Where) -> None:
        """Units are taken from the shelf."""
        line = self._parcels[command.order_line_id]
        line.picked += min(command.qty, line.qty - line.picked - line.short)

    def short(self, command: ReportShort, _where: _Where) -> None:
        """Units are not there."""
        line = self._parcels[command.order_line_id]
        line.short += min(command.qty, line.qty - line.picked - line.short)

    def pack(self, command: PackUnits, _where: _Where) -> None:
        """Picked units go into the parcel."""
        line = self._parcels[command.order_line_id]
        line.packed += min(command.qty, line.picked - line.packed)

    def ship(self, command: ShipFulfillment, _where: _Where) -> None:
        """What is packed leaves, once."""
        if command.fulfillment_id in self._shipped:
            return
        self._shipped.add(command.fulfillment_id)
        row = self.reader.require(FulfillmentRow, command.fulfillment_id)
        for order_line_id in self._of_order[row.order_id]:
            line = self._parcels[order_line_id]
            self.stock[line.variant_id, line.location_id] -= line.packed

    # -- the audit ---------------------------------------------------------------------------

    def audit(self) -> None:
        """The server's rows say the same as these books. Raises AssertionError."""
        levels = self._pairs(
            sa.select(
                STOCK_LEVEL.c.variant_id, STOCK_LEVEL.c.location_id, STOCK_LEVEL.c.on_hand_qty
            )
        )
        _same("stock", levels, self.stock)
        moved = self._pairs(
            sa.select(
                STOCK_ENTRY.c.variant_id,
                STOCK_ENTRY.c.location_id,
                sa.func.sum(STOCK_ENTRY.c.qty),
            ).group_by(STOCK_ENTRY.c.variant_id, STOCK_ENTRY.c.location_id)
        )
        _same("sum of movements", moved, self.stock)
        self._audit_money()
        numbers: dict[str, list[int]] = defaultdict(list)
        for register_id, number in self.reader.rows(
            sa.select(RECEIPT.c.register_id, RECEIPT.c.receipt_no)
        ):
            numbers[str(register_id)].append(number)
        for register_id in numbers.keys() | self.receipts.keys():
            mine, theirs = sorted(self.receipts[register_id]), sorted(numbers[register_id])
            assert mine == theirs, f"receipts of {register_id}: {theirs}, expected {mine}"

    def _audit_money(self) -> None:
        for kind, mine in (
            (PaymentKind.CAPTURE, self.captured),
            (PaymentKind.REFUND, self.refunded),
        ):
            entries = self._sums(
                sa.select(PAYMENT_ENTRY.c.order_id, sa.func.sum(PAYMENT_ENTRY.c.amount))
                .where(PAYMENT_ENTRY.c.kind == kind)
                .group_by(PAYMENT_ENTRY.c.order_id)
            )
            _same(f"{kind} entries", entries, mine)
        _same(
            "captured",
            self._sums(sa.select(ORDER.c.order_id, ORDER.c.captured_amount)),
            self.captured,
        )
        _same(
            "refunded",
            self._sums(sa.select(ORDER.c.order_id, ORDER.c.refunded_amount)),
            self.refunded,
        )

    def _pairs(self, statement: sa.Select[tuple[str, str, int]]) -> Counter[_Place]:
        return Counter({(str(a), str(b)): int(c) for a, b, c in self.reader.rows(statement)})

    def _sums(self, statement: sa.Select[tuple[str, int]]) -> Counter[str]:
        return Counter({str(a): int(b) for a, b in self.reader.rows(statement)})


_ENTRIES: dict[type[Command], Callable[..., None]] = {
    CompleteSale: Books.sale,
    RefundSale: Books.refund,
    AdjustStock: Books.adjust,
    CountStock: Books.count,
    TakePayment: Books.payment,
    ImportProducts: Books.imported,
    PlaceOrder: Books.order,
    PickUnits: Books.pick,
    ReportShort: Books.short,
    PackUnits: Books.pack,
    ShipFulfillment: Books.ship,
}


def _command(fact: Decided) -> Command:
    envelope = fact.envelope
    return read_command(envelope.name, envelope.version, envelope.args)


def _where(fact: Decided) -> _Where:
    numbers = fact.envelope.numbers
    is_odd = fact.outcome.state is OutcomeState.APPLIED_WITH_EXCEPTION
    return _Where(fact.envelope.device_id, numbers.get(RECEIPT_SERIES, 0), is_odd)


def _same(what: str, theirs: Counter[_K], mine: Counter[_K]) -> None:
    differing = {
        place: (theirs[place], mine[place])
        for place in theirs.keys() | mine.keys()
        if theirs[place] != mine[place]
    }
    assert not differing, f"{what} differs (server, books): {differing}"
