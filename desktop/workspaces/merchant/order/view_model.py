"""State of one order: what was agreed, what happened, and what can still be done."""

from collections.abc import Mapping

from PySide6.QtCore import QObject

from desktop.ui.fields import FieldValue
from desktop.ui.table_model import TableModel
from desktop.ui.view_model import ViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.order.history import OrderLedgers, history
from desktop.workspaces.merchant.order.rows import COLUMNS, Event, line_row
from desktop.workspaces.merchant.places import Place, Screen
from shared.fulfillment.queries import fulfillments_of
from shared.kernel.errors import Bug
from shared.kernel.ids import OrderId
from shared.orders.commands import CancelOrder, DocState, FulfillmentStatus, NoteOrder
from shared.orders.model import DOC_STATES
from shared.orders.queries import order_detail
from shared.orders.tables import OrderRow
from shared.payments.commands import RefundPayment, TakePayment, TenderKind
from shared.payments.queries import payments_of
from shared.pos.queries import receipts_of
from shared.storage.reader import Reader

Values = Mapping[str, FieldValue]
_UNDER_WAY = frozenset({FulfillmentStatus.FULFILLED, FulfillmentStatus.PARTIALLY_FULFILLED})


class OrderViewModel(ViewModel):
    """One order. `open` says which."""

    watches = frozenset(
        {"sales_order", "order_line", "line_entry", "payment_entry", "fulfillment", "receipt"}
    )

    def __init__(self, office: Office, parent: QObject | None = None) -> None:
        super().__init__(office.desk.hub, parent)
        self.office = office
        self.order_id = ""
        self.ledgers: OrderLedgers | None = None
        self.lines = TableModel(COLUMNS, self)

    def open(self, order_id: str) -> None:
        """Show an order."""
        if order_id != self.order_id:
            self.order_id, self.ledgers = order_id, None
            self.lines.set_rows(())
            self.changed.emit()
        self.start()

    async def refresh(self) -> None:
        """Load the order with its ledgers."""
        wanted = self.order_id
        if not wanted:
            return
        ledgers = await self.office.desk.fetch(_ledgers, wanted)
        if wanted != self.order_id:
            return
        self.ledgers = ledgers
        currency = ledgers.detail.order.currency
        self.lines.set_rows([line_row(line, currency) for line in ledgers.detail.lines])
        self.changed.emit()

    # -- what is shown

    @property
    def order(self) -> OrderRow:
        """The order. Raises Bug before it was loaded."""
        if self.ledgers is None:
            raise Bug("the order is used before it was loaded")
        return self.ledgers.detail.order

    @property
    def due_amount(self) -> int:
        """What is still to be paid, in minor units; never less than nothing."""
        if self.ledgers is None or self.order.doc_state is DocState.CANCELED:
            return 0
        order = self.order
        asked = order.total_amount + order.cash_rounding_amount
        return max(0, asked - order.captured_amount)

    @property
    def refundable_amount(self) -> int:
        """What was paid and not given back, in minor units."""
        if self.ledgers is None:
            return 0
        return self.order.captured_amount - self.order.refunded_amount

    @property
    def can_take_payment(self) -> bool:
        """Whether something is still to be paid."""
        return self.due_amount > 0

    @property
    def can_refund(self) -> bool:
        """Whether something could be given back."""
        return self.refundable_amount > 0

    @property
    def can_cancel(self) -> bool:
        """Whether the order can be called off: nothing has left the house."""
        if self.ledgers is None:
            return False
        order = self.order
        is_open = DOC_STATES.allows(order.doc_state, DocState.CANCELED)
        return is_open and order.fulfillment_status not in _UNDER_WAY

    @property
    def is_loaded(self) -> bool:
        """Whether there is an order to be seen."""
        return self.ledgers is not None

    @property
    def has_customer(self) -> bool:
        """Whether the order names a customer that is known."""
        return self.ledgers is not None and self.order.customer_id is not None

    def events(self) -> list[Event]:
        """What happened, the latest first."""
        return [] if self.ledgers is None else history(self.ledgers, self.office.user_name)

    # -- intents; each raises Rejected, which belongs at its field

    async def cancel(self, values: Values) -> None:
        """Call the order off."""
        command = CancelOrder(order_id=OrderId(self.order_id), reason=str(values["reason"]))
        await self.office.desk.submit(command)

    async def take_payment(self, values: Values) -> None:
        """Enter money that came in."""
        amount = values["amount"]
        await self.office.desk.submit(
            TakePayment(
                order_id=OrderId(self.order_id),
                tender=TenderKind(str(values["tender"])),
                amount=amount if isinstance(amount, int) else 0,
                reference=str(values["reference"]),
            )
        )

    async def refund(self, values: Values) -> None:
        """Give money back."""
        amount = values["amount"]
        await self.office.desk.submit(
            RefundPayment(
                order_id=OrderId(self.order_id),
                tender=TenderKind(str(values["tender"])),
                amount=amount if isinstance(amount, int) else 0,
                reference=str(values["reference"]),
                reason=str(values["reason"]),
            )
        )

    async def write_note(self, values: Values) -> None:
        """Replace the staff's note."""
        command = NoteOrder(order_id=OrderId(self.order_id), note=str(values["note"]))
        await self.office.desk.submit(command)

    def show_customer(self) -> None:
        """Go to the customer."""
        if self.has_customer:
            customer_id = self.order.customer_id or ""
            self.office.go(Place(screen=Screen.CUSTOMERS, key=customer_id))


def _ledgers(reader: Reader, order_id: str) -> OrderLedgers:
    return OrderLedgers(
        order_detail(reader, order_id),
        payments_of(reader, order_id),
        fulfillments_of(reader, order_id),
        receipts_of(reader, order_id),
    )
