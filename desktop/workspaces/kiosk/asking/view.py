"""What is asked of the open sale: sheets are opened, answers go to the view models."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.binding import connect
from desktop.ui.dialogs import Values, show_form
from desktop.ui.fields import Choice, FieldKind, FieldSpec
from desktop.ui.sheet import present, top_sheet
from desktop.workspaces.kiosk.approval.rows import (
    Asked,
    line_discount_asked,
    order_discount_asked,
    price_asked,
)
from desktop.workspaces.kiosk.approval.view import approved_by
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.customer.view import NOBODY, CustomerSheet
from desktop.workspaces.kiosk.customer.view_model import CustomerChoice, CustomerSearch
from desktop.workspaces.kiosk.discount.view import (
    REMOVED,
    Discount,
    DiscountSheet,
    NewPrice,
    PriceSheet,
)
from desktop.workspaces.kiosk.parked.rows import parked_rows
from desktop.workspaces.kiosk.parked.view import ParkedSheet
from desktop.workspaces.kiosk.prompts.view import quantity_sheet
from shared.kernel.errors import Rejected
from shared.kernel.ids import CustomerId, UserId
from shared.kernel.permissions import Permission
from shared.pricing.engine import LineDiscount, OrderDiscount


class SaleIntents(QObject):
    """What is asked of the open sale. Signals: `changed`, `search_asked`."""

    changed = Signal()
    search_asked = Signal()

    def __init__(self, counter: Counter, anchor: QWidget) -> None:
        super().__init__(anchor)
        self._counter = counter
        self._sale = counter.sale
        self._anchor = anchor
        connect(counter.sale.changed, self._tell)

    @property
    def can_edit(self) -> bool:
        """Whether the cart may change now."""
        return self._sale.can_edit

    @property
    def can_edit_line(self) -> bool:
        """Whether there is a line that may change."""
        return self._sale.can_edit and self._sale.marked is not None

    @property
    def can_hold(self) -> bool:
        """Whether there is something to park."""
        return self._sale.can_edit and not self._sale.cart.is_empty

    @property
    def can_recall(self) -> bool:
        """Whether something is parked, here or at another device of the store."""
        carts = self._counter.carts
        return self._sale.can_edit and bool(carts.parked or carts.at_others)

    def search(self) -> None:
        """Go to the search line."""
        self.search_asked.emit()

    async def customer(self) -> None:
        """Find whose sale it is."""
        if top_sheet(self._anchor) is not None:
            return
        sheet = CustomerSheet(
            self._anchor,
            CustomerSearch(self._counter.desk),
            has_customer=self._sale.cart.customer_id is not None,
            may_add=self._counter.gate.may(Permission.CUSTOMER_EDIT),
        )
        answer = await present(sheet)
        if isinstance(answer, CustomerChoice):
            self._sale.set_customer(CustomerId(answer.id), answer.name)
        elif answer == NOBODY:
            self._sale.set_customer(None, "")

    async def qty(self) -> None:
        """Ask for the quantity of the marked line."""
        line = self._sale.marked
        if line is None or top_sheet(self._anchor) is not None:
            return
        answer = await present(quantity_sheet(self._anchor, line))
        if isinstance(answer, int):
            self._sale.mark(line.line_id)
            self._sale.set_qty(answer)

    def more_units(self) -> None:
        """Count the marked line up."""
        self._sale.change_qty(1)

    def fewer_units(self) -> None:
        """Count the marked line down."""
        self._sale.change_qty(-1)

    async def discount(self) -> None:
        """Ask for a discount on the marked line, and have it approved where that is needed."""
        line = self._sale.marked
        if line is None or top_sheet(self._anchor) is not None:
            return
        answer = await self._ask_discount("kiosk.discount.title", line.sale.title)
        self._sale.mark(line.line_id)
        if answer == REMOVED:
            self._sale.discount_line(None)
        elif isinstance(answer, Discount):
            given = LineDiscount(
                kind="percent" if answer.is_percent else "fixed",
                value=answer.value,
                reason=answer.reason,
                is_manual=True,
            )
            if given in line.sale.discounts:
                return

            def asked() -> Asked:
                store = self._sale.till.store
                return line_discount_asked(self._sale.cart, line.line_id, given, store=store)

            def give(approver_id: UserId | None) -> None:
                self._sale.mark(line.line_id)
                self._sale.discount_line(given, approver_id=approver_id)

            await self._give(asked, give, Permission.DISCOUNT)

    async def discount_all(self) -> None:
        """Ask for a discount on everything, and have it approved where that is needed."""
        if top_sheet(self._anchor) is not None:
            return
        answer = await self._ask_discount("kiosk.discount_all.title", "")
        if answer == REMOVED:
            self._sale.discount_all(None)
        elif isinstance(answer, Discount):
            given = OrderDiscount(
                kind="percent" if answer.is_percent else "fixed",
                value=answer.value,
                reason=answer.reason,
            )
            if given == self._sale.cart.order_discount:
                return

            def asked() -> Asked:
                return order_discount_asked(self._sale.cart, given, store=self._sale.till.store)

            def give(approver_id: UserId | None) -> None:
                self._sale.discount_all(given, approver_id=approver_id)

            await self._give(asked, give, Permission.DISCOUNT)

    async def _ask_discount(self, title_key: str, text: str) -> object:
        currency = self._sale.till.currency
        sheet = DiscountSheet(self._anchor, i18n.tr(title_key), text, currency=currency)
        return await present(sheet)

    async def price(self) -> None:
        """Ask for another price of the marked line, and have it approved where that is needed."""
        line = self._sale.marked
        if line is None or top_sheet(self._anchor) is not None:
            return
        sheet = PriceSheet(self._anchor, line, currency=self._sale.till.currency)
        answer = await present(sheet)
        if not isinstance(answer, NewPrice):
            return
        self._sale.mark(line.line_id)
        if answer.amount == line.sale.list_price_amount:
            self._sale.set_price(answer.amount, "")
            return
        if answer == NewPrice(line.sale.unit_price_amount, line.sale.override_reason):
            return

        def asked() -> Asked:
            return price_asked(
                self._sale.cart,
                line.line_id,
                answer.amount,
                reason=answer.reason,
                store=self._sale.till.store,
            )

        def give(approver_id: UserId | None) -> None:
            self._sale.mark(line.line_id)
            self._sale.set_price(answer.amount, answer.reason, approver_id=approver_id)

        await self._give(asked, give, Permission.PRICE_OVERRIDE)

    def remove(self) -> None:
        """Take the marked line out."""
        self._sale.remove_marked()

    async def note(self) -> None:
        """Ask for a note on the sale."""
        if top_sheet(self._anchor) is not None:
            return
        values = await show_form(
            self._anchor,
            i18n.tr("kiosk.note.title"),
            [FieldSpec(key="note", label_key="kiosk.note.label", longest=200)],
            values={"note": self._sale.cart.note},
        )
        if values is not None:
            self._sale.set_note(str(values["note"] or ""))

    async def open_line(self) -> None:
        """Ask for something that the catalog does not know."""
        if top_sheet(self._anchor) is not None:
            return
        till = self._sale.till
        rates = [Choice(rate.code, rate.name or rate.code) for rate in till.loaded.tax_rates]

        async def sell(values: Values) -> None:
            amount = values["price_amount"]
            self._sale.add_open(
                str(values["title"] or ""),
                amount if isinstance(amount, int) else 0,
                str(values["tax_code"]),
            )

        await show_form(
            self._anchor,
            i18n.tr("kiosk.open_line.title"),
            [
                FieldSpec(
                    key="title", label_key="kiosk.open_line.name", is_required=True, longest=80
                ),
                FieldSpec(
                    key="price_amount",
                    label_key="kiosk.open_line.price",
                    kind=FieldKind.MONEY,
                    currency=till.currency,
                    is_required=True,
                    is_half=True,
                ),
                FieldSpec(
                    key="tax_code",
                    label_key="kiosk.open_line.tax",
                    kind=FieldKind.CHOICE,
                    choices=rates,
                    is_half=True,
                ),
            ],
            action=i18n.tr("kiosk.open_line.sell"),
            submit=sell,
        )

    def hold(self) -> None:
        """Park the open sale."""
        try:
            self._counter.carts.park()
        except Rejected as error:
            self._sale.show_rejected(error)

    async def recall(self) -> None:
        """Choose a parked sale to take up again."""
        carts = self._counter.carts
        if top_sheet(self._anchor) is not None:
            return
        rows = parked_rows(carts, self._sale.till.store)
        answer = await present(ParkedSheet(self._anchor, rows))
        if isinstance(answer, str):
            try:
                carts.recall(answer)
            except Rejected as error:
                self._sale.show_rejected(error)

    async def _give(
        self,
        asked: Callable[[], Asked],
        give: Callable[[UserId | None], None],
        permission: Permission,
    ) -> None:
        """Give what was keyed in: at once, or after somebody approved exactly that."""
        if self._sale.may(permission):
            # By name: somebody with fewer rights may take the money for it.
            giver = self._counter.gate.user_id
            give(None if giver is None else UserId(giver))
            return
        shown, counter = self._sale.cart, self._counter
        try:
            what = asked()
        except Rejected as error:
            self._sale.show_rejected(error)
            return
        approver_id = await approved_by(self._anchor, what, desk=counter.desk, gate=counter.gate)
        if approver_id is None:
            return
        if self._sale.cart != shown:
            self._sale.show_rejected(Rejected("approval_outdated"))
            return
        give(approver_id)

    def _tell(self) -> None:
        self.changed.emit()
