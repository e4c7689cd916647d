"""The page of one order."""

from collections.abc import Awaitable, Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.dialogs import Buttons, show_form
from desktop.ui.dialogs import Values as Given
from desktop.ui.facts import Fact, Facts
from desktop.ui.fields import FieldKind, FieldSpec, FieldValue
from desktop.ui.label import Label
from desktop.ui.timeline import Moment, Timeline
from desktop.workspaces.merchant.order.rows import Event
from desktop.workspaces.merchant.order.view_model import OrderViewModel
from desktop.workspaces.merchant.parts.inputs.view import small_button
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Mark, Page, TwoColumns
from desktop.workspaces.merchant.words import (
    DOC_BADGES,
    FULFILLMENT_BADGES,
    PAYMENT_BADGES,
    tenders,
)
from shared.customers.commands import Address
from shared.kernel.permissions import Permission
from shared.orders.commands import DocState
from shared.orders.tables import OrderRow

_GROUP = "merchant.order"
_MOST_LINES = 12
ACTIONS = (
    Action(
        id="order.pay",
        text_key="merchant.order.pay",
        intent="take_payment",
        icon="banknote",
        keys=("Ctrl+Shift+P",),
        permission=Permission.ORDER_EDIT,
        enabled_when="can_take_payment",
        group_key=_GROUP,
    ),
    Action(
        id="order.refund",
        text_key="merchant.order.refund",
        intent="refund",
        icon="undo-2",
        keys=("Ctrl+Shift+R",),
        permission=Permission.ORDER_EDIT,
        enabled_when="can_refund",
        group_key=_GROUP,
    ),
    Action(
        id="order.cancel",
        text_key="merchant.order.cancel",
        intent="cancel",
        icon="ban",
        keys=("Ctrl+Shift+X",),
        permission=Permission.ORDER_EDIT,
        enabled_when="can_cancel",
        group_key=_GROUP,
    ),
    Action(
        id="order.note",
        text_key="merchant.order.note.edit",
        intent="write_note",
        icon="notebook-text",
        keys=("Ctrl+E",),
        permission=Permission.ORDER_EDIT,
        enabled_when="is_loaded",
        group_key=_GROUP,
    ),
    Action(
        id="order.customer",
        text_key="merchant.order.customer.show",
        intent="show_customer",
        icon="user",
        keys=("Ctrl+Shift+U",),
        enabled_when="has_customer",
        group_key=_GROUP,
    ),
    Action(
        id="order.back",
        text_key="merchant.back",
        intent="leave",
        icon="arrow-left",
        keys=("Esc", "Alt+Left"),
        group_key=_GROUP,
    ),
)


class OrderPage(Page):
    """Shows one order at a time. Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: OrderViewModel) -> None:
        super().__init__("", can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        self._lines = ShortTable(
            view_model.lines, name=i18n.tr("merchant.order.lines"), most=_MOST_LINES
        )
        self._totals, self._money, self._customer = Facts(), Facts(), Facts()
        self._history = Timeline()
        self._note = Label("", wraps=True)
        self._events: list[Event] = []
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)

    def first_focus(self) -> QWidget | None:
        """Begin with the lines."""
        return self._lines

    @property
    def order_id(self) -> str:
        """The order that is shown."""
        return self._vm.order_id

    def open(self, order_id: str) -> None:
        """Show an order."""
        self.banner.clear()
        self._vm.open(order_id)
        self._show()

    # -- what can be done now

    @property
    def can_take_payment(self) -> bool:
        """Whether something is still to be paid."""
        return self._vm.can_take_payment

    @property
    def can_refund(self) -> bool:
        """Whether something could be given back."""
        return self._vm.can_refund

    @property
    def can_cancel(self) -> bool:
        """Whether the order can be called off."""
        return self._vm.can_cancel

    @property
    def is_loaded(self) -> bool:
        """Whether there is an order to be seen."""
        return self._vm.is_loaded

    @property
    def has_customer(self) -> bool:
        """Whether the order names a customer that is known."""
        return self._vm.has_customer

    # -- intents

    async def take_payment(self) -> None:
        """Enter money that came in; the open amount stands there already."""
        await self._ask(
            "merchant.order.pay",
            [self._amount(), _tender(), _reference()],
            values={"amount": self._vm.due_amount},
            submit=self._vm.take_payment,
        )

    async def refund(self) -> None:
        """Give money back, with a reason."""
        await self._ask(
            "merchant.order.refund",
            [self._amount(), _tender(), _reason(), _reference()],
            values={"amount": self._vm.refundable_amount},
            submit=self._vm.refund,
        )

    async def cancel(self) -> None:
        """Call the order off, with a reason."""
        title = i18n.tr("merchant.order.cancel")
        buttons = Buttons(title, i18n.tr("merchant.order.keep"), Look.DANGER)
        await show_form(self, title, [_reason()], action=buttons, submit=self._vm.cancel)

    async def write_note(self) -> None:
        """Write the staff's note."""
        field = FieldSpec(
            key="note", label_key="merchant.order.note", kind=FieldKind.MULTILINE, longest=2000
        )
        await self._ask(
            "merchant.order.note.edit",
            [field],
            values={"note": self._vm.order.note},
            submit=self._vm.write_note,
        )

    def show_customer(self) -> None:
        """Go to the customer."""
        self._vm.show_customer()

    # -- parts

    def _lay(self) -> None:
        column, both = Column(), TwoColumns()
        lines = Card(i18n.tr("merchant.order.lines"), flush=True)
        lines.body.addWidget(self._lines)
        sums = Card(i18n.tr("merchant.order.sums"))
        sums.body.addWidget(self._totals)
        happened = Card(i18n.tr("merchant.order.history"))
        happened.body.addWidget(self._history)
        paid = Card(i18n.tr("merchant.order.payment"))
        paid.head.addWidget(small_button(self.actions_set, "order.pay"))
        paid.head.addWidget(small_button(self.actions_set, "order.refund"))
        paid.body.addWidget(self._money)
        buyer = Card(i18n.tr("merchant.order.customer"))
        buyer.head.addWidget(small_button(self.actions_set, "order.customer"))
        buyer.body.addWidget(self._customer)
        note = Card(i18n.tr("merchant.order.note"))
        note.head.addWidget(small_button(self.actions_set, "order.note"))
        note.body.addWidget(self._note)
        for card in (lines, sums, happened):
            both.wide.addWidget(card)
        for card in (paid, buyer, note):
            both.narrow.addWidget(card)
        both.wide.addStretch(1)
        both.narrow.addStretch(1)
        column.content.addWidget(both)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("order.cancel"))

    # -- state

    def _show(self) -> None:
        self.actions_set.refresh()
        if self._vm.ledgers is None:
            self.set_title("")
            self.header.set_marks([])
            return
        order = self._vm.order
        self.set_title(order.order_number)
        self.header.set_note(i18n.format_datetime(order.placed_at))
        self.header.set_marks(_marks(order))
        self._totals.set_facts(_totals(order))
        self._money.set_facts(_money(order, self._vm.due_amount))
        self._customer.set_facts(_customer(order, self._vm.office.location_name(order.location_id)))
        self._lines.hide_unused(() if order.discount_amount else ("discount_amount",))
        self._note.setText(order.note or i18n.tr("merchant.order.note.none"))
        events = self._vm.events()
        if events != self._events:
            self._events = events
            self._history.set_moments(
                [
                    Moment(
                        event.title,
                        i18n.format_datetime(event.at),
                        event.text,
                        event.icon,
                        event.tone,
                    )
                    for event in events
                ]
            )

    async def _ask(
        self,
        title_key: str,
        fields: list[FieldSpec],
        *,
        values: Mapping[str, FieldValue],
        submit: Callable[[Given], Awaitable[object]],
    ) -> None:
        title = i18n.tr(title_key)
        await show_form(self, title, fields, values=values, action=title, submit=submit)

    def _amount(self) -> FieldSpec:
        return FieldSpec(
            key="amount",
            label_key="merchant.order.amount",
            kind=FieldKind.MONEY,
            currency=self._vm.order.currency,
            is_required=True,
            is_half=True,
        )


def _tender() -> FieldSpec:
    return FieldSpec(
        key="tender",
        label_key="merchant.order.tender",
        kind=FieldKind.CHOICE,
        choices=tenders(),
        is_half=True,
    )


def _reference() -> FieldSpec:
    return FieldSpec(
        key="reference",
        label_key="merchant.order.reference",
        help_key="merchant.order.reference.help",
        longest=120,
    )


def _reason() -> FieldSpec:
    return FieldSpec(key="reason", label_key="merchant.order.reason", is_required=True, longest=200)


def _marks(order: OrderRow) -> list[Mark]:
    badges = [PAYMENT_BADGES[order.payment_status]]
    if order.doc_state is DocState.CANCELED:
        badges.append(DOC_BADGES[order.doc_state])
    else:
        badges.append(FULFILLMENT_BADGES[order.fulfillment_status])
    return [Mark(i18n.tr(badge.text_key), badge.tone, badge.icon) for badge in badges]


def _totals(order: OrderRow) -> list[Fact]:
    def money(amount: int) -> str:
        return i18n.format_money(amount, order.currency)

    facts = []
    if order.discount_amount:
        name = i18n.tr("merchant.line.discount")
        facts.append(Fact(name, money(-order.discount_amount), is_figure=True))
    facts.append(Fact(i18n.tr("merchant.order.net"), money(order.net_amount), is_figure=True))
    for group in order.tax_groups:
        rate = i18n.format_percent(group.rate_ppm // 100)
        note = i18n.tr("merchant.order.tax_of", net=money(group.net_amount))
        name = i18n.tr("merchant.order.tax", rate=rate)
        facts.append(Fact(name, money(group.tax_amount), note, is_figure=True))
    if order.cash_rounding_amount:
        name = i18n.tr("merchant.order.rounding")
        facts.append(Fact(name, money(order.cash_rounding_amount), is_figure=True))
    total = money(order.total_amount + order.cash_rounding_amount)
    return [*facts, Fact(i18n.tr("merchant.order.total"), total, is_sum=True, is_figure=True)]


def _money(order: OrderRow, due_amount: int) -> list[Fact]:
    def fact(key: str, amount: int, *, is_sum: bool = False) -> Fact:
        text = i18n.format_money(amount, order.currency)
        return Fact(i18n.tr(key), text, is_sum=is_sum, is_figure=True)

    facts = [fact("merchant.order.captured", order.captured_amount)]
    if order.refunded_amount:
        facts.append(fact("merchant.order.refunded", order.refunded_amount))
    return [*facts, fact("merchant.order.due", due_amount, is_sum=True)]


def _customer(order: OrderRow, location: str) -> list[Fact]:
    nobody = i18n.tr("merchant.order.customer.none")
    facts = [Fact(i18n.tr("merchant.customer.name"), order.customer_name or nobody)]
    if order.email:
        facts.append(Fact(i18n.tr("merchant.customer.email"), order.email))
    if order.ship_to is not None:
        facts.append(Fact(i18n.tr("merchant.order.ship_to"), address_text(order.ship_to)))
    if location:
        facts.append(Fact(i18n.tr("merchant.order.location"), location))
    return facts


def address_text(address: Address) -> str:
    """A postal address, one line under the other."""
    city = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (
        address.name,
        address.company,
        address.line1,
        address.line2,
        city,
        address.region,
        address.country,
        i18n.left_to_right(address.phone),
    )
    return "\n".join(part for part in parts if part)
