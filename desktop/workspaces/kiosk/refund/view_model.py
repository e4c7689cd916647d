"""A refund with its receipt: which lines come back, how many, and exactly how much that is."""

from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.ui import tasks
from desktop.ui.view_model import ViewModel
from desktop.workspaces.kiosk.receipts import Receipts
from desktop.workspaces.kiosk.refund.rows import ReceiptListRow, RefundRow, receipt_row, refund_row
from desktop.workspaces.kiosk.till import Till
from shared.catalog.queries import by_code
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import ReceiptId, UserId, new_id
from shared.orders.commands import LineKind
from shared.orders.tables import OrderLineRow
from shared.payments.commands import TenderKind
from shared.pos.commands import RefundLine, RefundSale
from shared.pos.model import refund_rounding
from shared.pos.queries import SaleByReceipt, sale_by_receipt
from shared.pos.tables import ReceiptRow


@dataclass(frozen=True, slots=True)
class _Choice:
    qty: int
    is_restocked: bool = True


class RefundViewModel(ViewModel):
    """State of one refund; `is_given` once the money is back, `done` is then its receipt."""

    def __init__(self, till: Till, receipts: Receipts, parent: QObject | None = None) -> None:
        super().__init__(till.desk.hub, parent)
        self._till = till
        self._receipts = receipts
        self.recent: tuple[ReceiptListRow, ...] = ()
        self.sale: SaleByReceipt | None = None
        self.is_given = False
        self.done: ReceiptRow | None = None
        self.tender = TenderKind.CASH
        self._choices: dict[str, _Choice] = {}
        self._receipt_id = ReceiptId(new_id())

    # -- what is shown

    @property
    def currency(self) -> str:
        """The currency of every amount here."""
        return self._till.currency

    @property
    def rows(self) -> tuple[RefundRow, ...]:
        """The goods of the sale with what comes back."""
        return tuple(
            refund_row(
                line,
                self._choice(line).qty,
                is_restocked=self._choice(line).is_restocked,
                currency=self.currency,
            )
            for line in self._goods()
        )

    @property
    def total_amount(self) -> int:
        """What the chosen units cost; minor units."""
        return sum(row.amount for row in self.rows)

    @property
    def rounding_amount(self) -> int:
        """What rounding to coins adds to what is given back."""
        if self.sale is None:
            return 0
        return refund_rounding(
            self._till.store,
            self.sale.detail.order,
            self.sale.detail.lines,
            refund_amount=self.total_amount,
            is_cash=self.tender is TenderKind.CASH,
        )

    @property
    def can_submit(self) -> bool:
        """Whether something was chosen and nothing is on its way."""
        is_open = not self.is_given and not self.busy
        return is_open and any(row.is_chosen for row in self.rows)

    # -- finding the receipt

    async def refresh(self) -> None:
        """List the latest receipts."""
        self.recent = tuple(receipt_row(each) for each in await self._receipts.recent())
        self.changed.emit()

    def begin(self) -> None:
        """Start over with nothing chosen."""
        self.sale, self.done, self.is_given = None, None, False
        self._choices, self._receipt_id = {}, ReceiptId(new_id())
        self.request_refresh()
        self.changed.emit()

    def scan(self, code: str) -> None:
        """Take a scanned code: of a receipt while there is none, then of goods that come back."""
        if self.sale is None or self.is_given:
            self.look_up(code)
        else:
            self.run(self._scan_goods(code))

    def look_up(self, number: str) -> None:
        """Open the sale of a receipt number."""
        if number.strip():
            tasks.latest(self, "look_up", self._look_up(number))

    async def _look_up(self, number: str) -> None:
        found = await self._till.desk.fetch(sale_by_receipt, self._whole(number))
        if found is None:
            raise Rejected("receipt_unknown", number=number.strip())
        self.sale, self.done, self.is_given = found, None, False
        self._choices, self._receipt_id = {}, ReceiptId(new_id())
        kinds = {tender.kind for tender in found.receipt.document.tenders}
        is_card_only = kinds == {TenderKind.CARD_EXTERNAL.value}
        self.tender = TenderKind.CARD_EXTERNAL if is_card_only else TenderKind.CASH
        self.changed.emit()

    def _whole(self, number: str) -> str:
        """The full number where only its digits were typed: 17 is K1-000017 at till K1."""
        text = number.strip()
        if text.isdecimal() and len(text) <= len("000000"):
            return f"{self._till.loaded.register.code}-{int(text):06d}"
        return text

    async def _scan_goods(self, code: str) -> None:
        hit = await self._till.desk.fetch(by_code, code)
        for line in self._goods():
            is_it = hit is not None and line.variant_id == hit.variant.variant_id
            unit = 10**line.qty_exponent
            if is_it and self._choice(line).qty + unit <= self._left(line):
                self.set_qty(line.order_line_id, self._choice(line).qty + unit)
                return
        raise Rejected("line_not_on_receipt", scanned=code)

    # -- choosing

    def set_qty(self, line_id: str, qty: int) -> None:
        """Let so many units of a line come back: at least none, at most what is left."""
        line = self._line(line_id)
        kept = self._choice(line).is_restocked
        self._choices[line_id] = _Choice(max(0, min(self._left(line), qty)), kept)
        self.changed.emit()

    def step_qty(self, line_id: str, by: int) -> None:
        """Count whole units up or down."""
        line = self._line(line_id)
        self.set_qty(line_id, self._choice(line).qty + by * 10**line.qty_exponent)

    def take_all(self) -> None:
        """Let everything come back that is left."""
        for line in self._goods():
            self.set_qty(line.order_line_id, self._left(line))

    def set_restocked(self, line_id: str, *, is_restocked: bool) -> None:
        """Say whether the units of a line go on the shelf again."""
        line = self._line(line_id)
        self._choices[line_id] = _Choice(self._choice(line).qty, is_restocked)
        self.changed.emit()

    def choose_tender(self, kind: TenderKind) -> None:
        """Give the money back by this means."""
        self.tender = kind
        self.changed.emit()

    # -- giving back

    def submit(
        self, reason: str, reference: str = "", *, approver_id: UserId | None = None
    ) -> None:
        """Give the money back, as `approver_id` allowed; once only, however often it is asked."""
        if self.can_submit:
            self.run(self._submit(reason, reference, approver_id))

    async def _submit(self, reason: str, reference: str, approver_id: UserId | None) -> None:
        if self.sale is None:
            raise Bug("a refund without its sale was to be given")
        is_cash = self.tender is TenderKind.CASH
        if not is_cash and not reference.strip():
            raise Rejected("reference_missing", field="reference")
        command = RefundSale(
            order_id=self.sale.detail.order.order_id,
            receipt_id=self._receipt_id,
            shift_id=self._till.open_shift().shift_id,
            lines=tuple(
                RefundLine(
                    order_line_id=line.order_line_id,
                    qty=self._choice(line).qty,
                    is_restocked=self._choice(line).is_restocked,
                )
                for line in self._goods()
                if self._choice(line).qty
            ),
            tender=self.tender,
            refund_amount=self.total_amount + self.rounding_amount,
            reason=reason,
            reference=reference,
            approver_id=approver_id,
        )
        await self._till.desk.submit(command)
        # From here on the money is given, whatever becomes of the paper.
        self.is_given = True
        self.changed.emit()
        self.done = await self._receipts.print_first(
            command.receipt_id, opens_drawer=is_cash and command.refund_amount > 0
        )
        self.changed.emit()

    # -- inside

    def _goods(self) -> tuple[OrderLineRow, ...]:
        lines = () if self.sale is None else self.sale.detail.lines
        return tuple(line for line in lines if line.kind is LineKind.GOODS)

    def _line(self, line_id: str) -> OrderLineRow:
        for line in self._goods():
            if line.order_line_id == line_id:
                return line
        raise Bug(f"the sale has no line {line_id}")

    def _choice(self, line: OrderLineRow) -> _Choice:
        return self._choices.get(line.order_line_id, _Choice(0))

    @staticmethod
    def _left(line: OrderLineRow) -> int:
        return line.shipped_qty - line.returned_qty
