"""Whatever is done in whatever order: every derived figure equals its ledger."""

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.fulfillment.commands import (
    FulfillmentState,
    PackUnits,
    PickUnits,
    ReportShort,
    ShipFulfillment,
    ShortReason,
    StartPicking,
)
from shared.fulfillment.tables import FulfillmentLineRow, FulfillmentRow
from shared.inventory.commands import AdjustStock, CountStock, StockReason
from shared.inventory.tables import StockEntryRow, StockLevelRow
from shared.kernel.errors import Rejected
from shared.kernel.ids import OrderId, OrderLineId, ReceiptId, ShiftId, VariantId, new_id
from shared.kernel.messages import Command
from shared.orders.commands import (
    CancelOrder,
    Channel,
    LineEntryKind,
    LineKind,
    PlacedLine,
    PlaceOrder,
)
from shared.orders.model import fulfillment_status, payment_status
from shared.orders.tables import LineEntryRow, OrderLineRow, OrderRow
from shared.organization.tables import RegisterRow
from shared.payments.commands import PaymentKind, RefundPayment, TakePayment, TenderKind
from shared.payments.tables import PaymentEntryRow
from shared.pos.commands import (
    CloseShift,
    CompleteSale,
    ReceiptKind,
    RefundLine,
    RefundSale,
    Tender,
)
from shared.pos.queries import check_chain
from shared.pos.tables import ReceiptRow
from shared.pricing.engine import refund_amounts
from shared.storage.reader import Reader
from tests.support.shop import Shop, empty_sqlite, sale_line

few = st.integers(1, 4)
steps = st.sampled_from(("start", "pick", "short", "pack", "ship"))


class Ledgers(RuleBasedStateMachine):
    """A shop in which anything may be tried at any time; what is refused leaves no trace."""

    @initialize()
    def open_the_shop(self) -> None:
        self.shop = Shop(empty_sqlite())
        self.variants: list[VariantId] = [
            self.shop.product(f"Product {n}", on_hand_qty=3, price_amount=333 * (n + 1))
            for n in range(3)
        ]
        self.shift_id: ShiftId = self.shop.open_shift()

    def attempt(self, command: Command) -> None:
        """Do it, or have it refused."""
        with suppress(Rejected):
            self.shop.do(command)

    def pick_order(self, place: int) -> OrderRow | None:
        orders = Reader(self.shop.connection).find(OrderRow)
        return orders[place % len(orders)] if orders else None

    def pick_delivery(self, place: int) -> tuple[FulfillmentRow, FulfillmentLineRow] | None:
        lines = Reader(self.shop.connection).find(FulfillmentLineRow)
        if not lines:
            return None
        line = lines[place % len(lines)]
        row = Reader(self.shop.connection).require(FulfillmentRow, line.fulfillment_id)
        return row, line

    @rule(place=st.integers(0, 2), qty=few, is_split=st.booleans())
    def sell(self, place: int, qty: int, *, is_split: bool) -> None:
        price = 333 * (place + 1)
        line = sale_line(self.variants[place], qty=qty, price_amount=price)
        total = price * qty
        tenders: tuple[Tender, ...] = (
            Tender(kind=TenderKind.CASH, amount=total, given_amount=total + 50),
        )
        if is_split:
            tenders = (
                Tender(kind=TenderKind.CARD_EXTERNAL, amount=100, reference="X"),
                Tender(kind=TenderKind.CASH, amount=total - 100),
            )
        self.attempt(
            CompleteSale(
                order_id=OrderId(new_id()),
                receipt_id=ReceiptId(new_id()),
                shift_id=self.shift_id,
                lines=(line,),
                tenders=tenders,
                total_amount=total,
            )
        )

    @rule(place=st.integers(0, 50), qty=few, is_restocked=st.booleans())
    def refund(self, place: int, qty: int, *, is_restocked: bool) -> None:
        lines = [
            line for line in Reader(self.shop.connection).find(OrderLineRow) if line.shipped_qty
        ]
        if not lines:
            return
        line = lines[place % len(lines)]
        try:
            part = refund_amounts(
                line,
                already_refunded_qty=line.returned_qty,
                already_refunded_gross_amount=line.refunded_gross_amount,
                already_refunded_tax_amount=line.refunded_tax_amount,
                qty=qty,
            )
        except Rejected:
            return
        self.attempt(
            RefundSale(
                order_id=line.order_id,
                receipt_id=ReceiptId(new_id()),
                shift_id=self.shift_id,
                lines=(
                    RefundLine(
                        order_line_id=line.order_line_id, qty=qty, is_restocked=is_restocked
                    ),
                ),
                tender=TenderKind.CASH,
                refund_amount=part.gross_amount,
                reason="test",
            )
        )

    @rule(place=st.integers(0, 2), qty=few)
    def order(self, place: int, qty: int) -> None:
        line = PlacedLine(
            order_line_id=OrderLineId(new_id()), variant_id=self.variants[place], qty=qty
        )
        self.attempt(
            PlaceOrder(
                order_id=OrderId(new_id()),
                order_number=new_id(),
                channel=Channel.WEB,
                location_id=self.shop.location_id,
                lines=(line,),
                shipping_title="Post",
                shipping_amount=490,
            )
        )

    @rule(place=st.integers(0, 20), amount=st.integers(1, 3000), is_refund=st.booleans())
    def pay(self, place: int, amount: int, *, is_refund: bool) -> None:
        order = self.pick_order(place)
        if order is None:
            return
        fields: dict[str, Any] = {
            "order_id": order.order_id,
            "tender": TenderKind.BANK,
            "amount": amount,
        }
        if is_refund:
            self.attempt(RefundPayment(**fields, reference="b", reason="r"))
        else:
            self.attempt(TakePayment(**fields, reference="b"))

    @rule(place=st.integers(0, 20))
    def cancel(self, place: int) -> None:
        order = self.pick_order(place)
        if order is not None:
            self.attempt(CancelOrder(order_id=order.order_id, reason="test"))

    @rule(place=st.integers(0, 20), qty=few, step=steps)
    def fulfil(self, place: int, qty: int, step: str) -> None:
        found = self.pick_delivery(place)
        if found is None:
            return
        row, line = found
        both: dict[str, Any] = {
            "fulfillment_id": row.fulfillment_id,
            "order_line_id": line.order_line_id,
        }
        command: Command
        match step:
            case "start":
                command = StartPicking(fulfillment_id=row.fulfillment_id)
            case "pick":
                command = PickUnits(**both, qty=qty, scanned_code="c")
            case "short":
                command = ReportShort(**both, qty=qty, reason=ShortReason.DAMAGED)
            case "pack":
                command = PackUnits(**both, qty=qty, scanned_code="c")
            case _:
                command = ShipFulfillment(
                    fulfillment_id=row.fulfillment_id, carrier="C", tracking_number="T"
                )
        self.attempt(command)

    @rule(place=st.integers(0, 2), qty=st.integers(-3, 5), is_count=st.booleans())
    def move_stock(self, place: int, qty: int, *, is_count: bool) -> None:
        where: dict[str, Any] = {
            "variant_id": self.variants[place],
            "location_id": self.shop.location_id,
        }
        if is_count:
            self.attempt(CountStock(**where, counted_qty=qty))
        else:
            self.attempt(AdjustStock(**where, delta_qty=qty, reason=StockReason.ADJUSTED))

    @rule(counted=st.integers(0, 20_000))
    def close_and_open(self, counted: int) -> None:
        self.attempt(CloseShift(shift_id=self.shift_id, counted_amount=counted))
        self.shift_id = self.shop.open_shift()

    @invariant()
    def stock_on_hand_is_the_sum_of_its_entries(self) -> None:
        reader = Reader(self.shop.connection)
        sums: dict[str, int] = {}
        for entry in reader.find(StockEntryRow):
            sums[entry.variant_id] = sums.get(entry.variant_id, 0) + entry.qty
        levels = {level.variant_id: level.on_hand_qty for level in reader.find(StockLevelRow)}
        assert {key: qty for key, qty in levels.items() if qty} == {
            key: qty for key, qty in sums.items() if qty
        }

    @invariant()
    def reserved_is_what_open_deliveries_still_want(self) -> None:
        reader = Reader(self.shop.connection)
        ended = {FulfillmentState.SHIPPED, FulfillmentState.CANCELED}
        live = {row.fulfillment_id for row in reader.find(FulfillmentRow) if row.state not in ended}
        wanted: dict[str, int] = {}
        for line in reader.find(FulfillmentLineRow):
            if line.fulfillment_id in live:
                wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.qty
        reserved = {level.variant_id: level.reserved_qty for level in reader.find(StockLevelRow)}
        assert {key: qty for key, qty in reserved.items() if qty} == wanted

    @invariant()
    def every_order_agrees_with_its_ledgers(self) -> None:
        reader = Reader(self.shop.connection)
        payments = reader.find(PaymentEntryRow)
        entries = reader.find(LineEntryRow)
        lines = reader.find(OrderLineRow)
        for order in reader.find(OrderRow):
            mine = [line for line in lines if line.order_id == order.order_id]
            captured, refunded = (
                sum(p.amount for p in payments if p.order_id == order.order_id and p.kind is kind)
                for kind in (PaymentKind.CAPTURE, PaymentKind.REFUND)
            )
            assert (order.captured_amount, order.refunded_amount) == (captured, refunded)
            assert 0 <= refunded <= captured
            assert order.total_amount == sum(line.gross_amount for line in mine)
            assert order.payment_status is payment_status(
                due_amount=order.total_amount,
                captured_amount=captured,
                refunded_amount=refunded,
            )
            assert order.fulfillment_status is fulfillment_status(
                (line.qty, line.shipped_qty, line.canceled_qty)
                for line in mine
                if line.kind is LineKind.GOODS
            )
            for line in mine:
                by_kind = {
                    kind: sum(
                        e.qty
                        for e in entries
                        if e.order_line_id == line.order_line_id and e.kind is kind
                    )
                    for kind in LineEntryKind
                }
                assert by_kind == {
                    LineEntryKind.SHIPPED: line.shipped_qty,
                    LineEntryKind.CANCELED: line.canceled_qty,
                    LineEntryKind.RETURNED: line.returned_qty,
                }

    @invariant()
    def receipts_chain_and_the_grand_total_is_theirs(self) -> None:
        reader = Reader(self.shop.connection)
        assert check_chain(reader, self.shop.register_id) is None
        signed = sum(
            receipt.total_amount * (1 if receipt.kind is ReceiptKind.SALE else -1)
            for receipt in reader.find(ReceiptRow)
        )
        register = reader.require(RegisterRow, self.shop.register_id)
        assert register.grand_total_amount == signed
        assert register.last_receipt_no == self.shop.numbers.get("receipt", 0)


Ledgers.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLedgers = Ledgers.TestCase
