"""The page on which an order is taken by hand."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui import i18n, tasks
from desktop.ui.actions import ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.dialogs import confirm
from desktop.ui.facts import Fact, Facts
from desktop.ui.fields import Choice, FieldKind, FieldSpec, Section
from desktop.ui.forms import Form
from desktop.ui.search_field import SearchField
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.new_order.actions import ACTIONS
from desktop.workspaces.merchant.new_order.rows import FoundRow, TakenRow
from desktop.workspaces.merchant.new_order.view_model import NewOrderViewModel
from desktop.workspaces.merchant.order.view import address_text
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Page, TwoColumns
from shared.kernel.errors import Rejected


class NewOrderPage(Page):
    """One order at a time. Signals: `changed`, `placed(order_id)`."""

    changed = Signal()
    placed = Signal(str)

    def __init__(self, view_model: NewOrderViewModel) -> None:
        super().__init__(i18n.tr("merchant.order.new"), can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        self._search = SearchField(i18n.tr("merchant.order.add_product"), keys="Ctrl+F")
        self._found = ShortTable(
            view_model.found, name=i18n.tr("merchant.order.found"), most=8, least=0
        )
        self._taken = ShortTable(view_model.taken, name=i18n.tr("merchant.order.lines"), most=12)
        self._terms = Form(_terms(view_model))
        self._sums, self._buyer = Facts(), Facts()
        self._customers = SearchField(i18n.tr("merchant.customers.search"))
        self._offers: list[Button] = []
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        self._join()

    def first_focus(self) -> QWidget | None:
        """Begin with the search for products; scans land there too."""
        return self._search

    def begin(self, filled: Mapping[str, object]) -> None:
        """Go on with what was begun, or start with these fields."""
        tasks.latest(self, "begin", self._begin(filled))

    # -- what can be done now

    @property
    def can_place(self) -> bool:
        """Whether the order can be placed."""
        return self._vm.can_place

    @property
    def is_dirty(self) -> bool:
        """Whether something would be lost."""
        return self._vm.is_begun

    # -- intents

    async def place(self) -> None:
        """Place the order at the total that is shown."""
        self._read_terms()
        await self._vm.place()

    def focus_search(self) -> None:
        """Search for a product."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def focus_customer(self) -> None:
        """Search for a customer."""
        self._customers.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._customers.selectAll()

    def more(self) -> None:
        """One more of the marked line."""
        self._step(1)

    def less(self) -> None:
        """One less of the marked line."""
        self._step(-1)

    def remove(self) -> None:
        """Take the marked line out."""
        row = self._taken.current()
        if isinstance(row, TakenRow):
            self._vm.set_qty(row.id, 0)

    def leave(self) -> None:
        """Go back; what was begun is kept until it is placed or discarded."""
        tasks.latest(self, "leave", self._leave())

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused, at its field where there is one."""
        if error.field in self._terms.values_as_typed():
            self._terms.show_rejected(error)
        else:
            self.show_refusal(error)

    # -- parts

    def _lay(self) -> None:
        column, both = Column(), TwoColumns()
        goods = Card(i18n.tr("merchant.order.lines"))
        goods.body.addWidget(self._search)
        self._found.horizontalHeader().hide()
        self._found.hide()
        goods.body.addWidget(self._found)
        self._taken.set_empty(
            "scan-barcode",
            i18n.tr("merchant.order.lines.empty"),
            i18n.tr("merchant.order.lines.empty.text"),
        )
        goods.body.addWidget(self._taken)
        terms = Card(i18n.tr("merchant.order.terms"))
        terms.body.addWidget(self._terms)
        buyer = Card(i18n.tr("merchant.order.customer"))
        self._nobody = Button(i18n.tr("merchant.order.customer.forget"), small=True)
        self._nobody.hide()
        buyer.head.addWidget(self._nobody)
        self._buyer_card = buyer
        buyer.body.addWidget(self._customers)
        buyer.body.addWidget(self._buyer)
        sums = Card(i18n.tr("merchant.order.sums"))
        sums.body.addWidget(self._sums)
        both.wide.addWidget(goods)
        both.wide.addStretch(1)
        for card in (sums, buyer, terms):
            both.narrow.addWidget(card)
        both.narrow.addStretch(1)
        column.content.addWidget(both)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("new_order.place"))

    def _join(self) -> None:
        connect(self._search.searched, self._find)
        connect(self._search.entered, self._enter)
        connect(self._search.stepped, self._step_found)
        connect(self._found.activated_row, self._take)
        connect(self._customers.searched, self._find_customers)
        connect(self._customers.entered, self._take_first_customer)
        connect(self._nobody.clicked, self._forget_customer)
        for key in ("shipping_title", "shipping_amount", "location_id", "note"):
            connect(self._terms.field(key).edited, self._read_terms)
        connect(self._vm.changed, self._show)
        connect(self._vm.rejected, self.show_rejected)
        connect(self._vm.placed, self._end)
        for signal in (self._vm.found.modelReset, self._vm.found.rowsInserted):
            connect(signal, self._show_found)
        connect(self._vm.found.rowsRemoved, self._show_found)

    # -- state

    async def _begin(self, filled: Mapping[str, object]) -> None:
        await self._vm.begin(filled)
        begun = self._vm.begun
        self._terms.set_values(
            {
                "location_id": self._vm.location_id,
                "shipping_title": begun.shipping_title,
                "shipping_amount": begun.shipping_amount or None,
                "note": begun.note,
            }
        )
        self._show()

    def _show(self) -> None:
        self.actions_set.refresh()
        self._show_buyer()
        priced = self._vm.quote
        if priced is None:
            nothing = Fact(i18n.tr("merchant.order.total"), "–", is_sum=True, is_figure=True)
            self._sums.set_facts([nothing])
            return

        def money(amount: int) -> str:
            return i18n.format_money(amount, priced.currency)

        facts = [
            Fact(i18n.tr("merchant.order.net"), money(priced.priced.net_amount), is_figure=True)
        ]
        for group in priced.priced.tax_groups:
            rate = i18n.format_percent(group.rate_ppm // 100)
            name = i18n.tr("merchant.order.tax", rate=rate)
            facts.append(Fact(name, money(group.tax_amount), is_figure=True))
        total = money(priced.priced.total_amount)
        facts.append(Fact(i18n.tr("merchant.order.total"), total, is_sum=True, is_figure=True))
        self._sums.set_facts(facts)

    def _show_buyer(self) -> None:
        customer = self._vm.customer
        for offer in self._offers:
            offer.hide()
            offer.deleteLater()
        self._offers = []
        for found in self._vm.found_customers:
            words = " · ".join(part for part in (found.name, found.email) if part)
            offer = _CustomerButton(found.customer_id, words)
            connect(offer.picked, self._pick_customer)
            self._offers.append(offer)
            self._buyer_card.body.addWidget(offer)
        self._nobody.setVisible(customer is not None)
        self._customers.setVisible(customer is None)
        self._buyer.setVisible(customer is not None)
        if customer is not None:
            facts = [Fact(i18n.tr("merchant.customer.name"), customer.name)]
            if customer.addresses:
                text = address_text(customer.addresses[0])
                facts.append(Fact(i18n.tr("merchant.order.ship_to"), text))
            self._buyer.set_facts(facts)

    def _show_found(self) -> None:
        has_found = self._vm.found.rowCount() > 0
        self._found.setVisible(has_found)
        if has_found and self._found.current() is None:
            self._found.select_first()

    # -- what a person does

    def _find(self, text: str, _generation: int) -> None:
        tasks.latest(self._vm, "found", self._vm.search(text))

    def _enter(self, text: str) -> None:
        row = self._found.current()
        marked = row.id if isinstance(row, FoundRow) and self._vm.found.rowCount() else ""
        tasks.latest(self, "enter", self._add(text, marked))

    async def _add(self, text: str, marked: str) -> None:
        if await self._vm.enter(text, marked):
            self._search.clear()
            self.banner.clear()
        elif text:
            unknown = i18n.tr("merchant.order.unknown", text=text)
            self.banner.show_message("unknown", unknown, Tone.WARN)

    def _take(self, row: object) -> None:
        if isinstance(row, FoundRow):
            tasks.latest(self, "enter", self._add("", row.id))
            self._search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _step_found(self, key: int) -> None:
        press = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._found, press)

    def _step(self, step: int) -> None:
        row = self._taken.current()
        if row is None and self._vm.taken.rowCount():
            row = self._vm.taken.row_at(self._vm.taken.rowCount() - 1)
        if isinstance(row, TakenRow):
            self._vm.step(row.id, step)

    def _find_customers(self, text: str, _generation: int) -> None:
        tasks.latest(self._vm, "customers", self._vm.search_customers(text))

    def _take_first_customer(self, _text: str) -> None:
        if self._vm.found_customers:
            self._pick_customer(self._vm.found_customers[0].customer_id)

    def _pick_customer(self, customer_id: str) -> None:
        for found in self._vm.found_customers:
            if found.customer_id == customer_id:
                self._customers.clear()
                self._vm.choose_customer(found)
                self.focus_search()
                return

    def _forget_customer(self) -> None:
        self._vm.choose_customer(None)
        self.focus_customer()

    def _read_terms(self) -> None:
        typed = self._terms.values_as_typed()
        amount = typed["shipping_amount"]
        self._vm.set_terms(typed | {"shipping_amount": amount if isinstance(amount, int) else 0})

    def _end(self, order_id: str) -> None:
        self._vm.office.note(i18n.tr("merchant.order.placed.note"))
        self.placed.emit(order_id)

    async def _leave(self) -> None:
        if self._vm.is_begun and not await confirm(
            self,
            i18n.tr("merchant.order.unplaced"),
            i18n.tr("merchant.order.unplaced.text"),
            action=i18n.tr("merchant.discard"),
            danger=True,
        ):
            return
        await self._vm.discard()
        super().leave()


class _CustomerButton(Button):
    """One customer that was found. Signal: `picked(customer_id)`."""

    picked = Signal(str)

    def __init__(self, customer_id: str, words: str) -> None:
        super().__init__(words, "user", look=Look.GHOST)
        self._customer_id = customer_id
        connect(self.clicked, self._pick)

    def _pick(self) -> None:
        self.picked.emit(self._customer_id)


def _terms(view_model: NewOrderViewModel) -> list[Section]:
    office = view_model.office
    places = [Choice(row.location_id, row.name) for row in office.locations]
    fields = (
        FieldSpec(
            key="location_id",
            label_key="merchant.order.location",
            kind=FieldKind.CHOICE,
            choices=places,
        ),
        FieldSpec(key="shipping_title", label_key="merchant.order.shipping", longest=80),
        FieldSpec(
            key="shipping_amount",
            label_key="merchant.order.shipping_amount",
            kind=FieldKind.MONEY,
            currency=office.currency,
        ),
        FieldSpec(key="note", label_key="merchant.order.note", kind=FieldKind.MULTILINE),
    )
    return [Section("", fields)]
