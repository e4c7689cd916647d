"""The page of one customer."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.dialogs import Option, ask, show_form
from desktop.ui.fields import FieldKind, FieldSpec, FieldValue
from desktop.ui.forms import Form
from desktop.ui.label import Label, Role
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.customer.view_model import (
    ADDRESS_FIELDS,
    CustomerViewModel,
    Values,
    address_of,
)
from desktop.workspaces.merchant.order.view import address_text
from desktop.workspaces.merchant.orders.rows import ListedOrder
from desktop.workspaces.merchant.parts.inputs.view import edit, small_button
from desktop.workspaces.merchant.parts.lists.view import ShortTable
from desktop.workspaces.merchant.parts.page.view import Column, Page, TwoColumns
from shared.customers.commands import Address
from shared.customers.tables import CustomerRow
from shared.kernel.errors import Rejected
from shared.kernel.permissions import Permission

_GROUP = "merchant.customer"
_MOST_ORDERS = 12
ACTIONS = (
    Action(
        id="customer.save",
        text_key="ui.save",
        intent="save",
        icon="check",
        keys=("Ctrl+S",),
        permission=Permission.CUSTOMER_EDIT,
        enabled_when="is_dirty",
        group_key=_GROUP,
        look=Look.PRIMARY,
    ),
    Action(
        id="customer.address",
        text_key="merchant.customer.address.add",
        intent="add_address",
        icon="map-pin",
        keys=("Ctrl+Shift+N",),
        permission=Permission.CUSTOMER_EDIT,
        group_key=_GROUP,
    ),
    Action(
        id="customer.order",
        text_key="merchant.order.new",
        intent="take_order",
        icon="shopping-bag",
        keys=("Ctrl+Shift+O",),
        permission=Permission.ORDER_PLACE,
        enabled_when="is_known",
        group_key=_GROUP,
    ),
    Action(
        id="customer.back",
        text_key="merchant.back",
        intent="leave",
        icon="arrow-left",
        keys=("Esc", "Alt+Left"),
        group_key=_GROUP,
    ),
)


class CustomerPage(Page):
    """Shows one customer at a time, or a new one. Signal: `changed`."""

    changed = Signal()

    def __init__(self, view_model: CustomerViewModel) -> None:
        super().__init__("", can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        self._shown: CustomerRow | None = None
        self._addresses: tuple[Address, ...] = ()
        self._cards: list[AddressLine] = []
        self._form = Form(_fields())
        self._orders = ShortTable(
            view_model.orders, name=i18n.tr("merchant.orders"), most=_MOST_ORDERS
        )
        self._orders_note = Label("", Role.SMALL)
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._lay()
        connect(view_model.changed, self._show)
        connect(self._form.dirty_changed, self._on_dirty)
        connect(self._form.submitted, self._submit)
        connect(self._orders.activated_row, self._open_order)

    def first_focus(self) -> QWidget | None:
        """Begin with the name."""
        return self._form.field("name").editor

    @property
    def customer_id(self) -> str:
        """The customer that is shown."""
        return self._vm.customer_id

    def open(self, customer_id: str, filled: Mapping[str, object]) -> None:
        """Show a customer; `filled` are fields to be changed right away."""
        self._shown = None
        self._vm.open(customer_id)
        self._show()
        self._filled = filled

    def begin(self, filled: Mapping[str, object]) -> None:
        """Make a new customer."""
        self._shown = None
        self._vm.begin()
        self._fill(None)
        self._show()
        known = self._form.values_as_typed()
        edit(self._form, {key: each for key, each in filled.items() if key in known})

    _filled: Mapping[str, object] = {}

    # -- what can be done now

    @property
    def is_dirty(self) -> bool:
        """Whether something was changed and not saved."""
        shown = self._shown
        is_moved = shown is not None and self._addresses != shown.addresses
        return self._form.is_dirty or is_moved or (self._vm.is_new and bool(self._addresses))

    @property
    def is_known(self) -> bool:
        """Whether the customer has been saved."""
        return self._vm.customer is not None

    # -- intents

    async def save(self) -> None:
        """Save the customer; what is refused is said at its field."""
        values = self._form.values()
        if values is None:
            return
        try:
            await self._vm.save(values, self._addresses)
        except Rejected as error:
            self.show_rejected(error)
            return
        self._form.mark_clean()
        # What was saved comes back as a row and is shown like any other change.
        self._shown = None
        self._vm.office.note(i18n.tr("merchant.customer.saved"))

    async def add_address(self) -> None:
        """Add an address."""
        name = str(self._form.values_as_typed()["name"])
        country = self._vm.office.store.country if self._vm.office.has_store else ""
        values = await self._ask_address({"name": name, "country": country})
        if values is not None:
            self._set_addresses((*self._addresses, address_of(values)))

    async def edit_address(self, place: int) -> None:
        """Change an address."""
        before = self._addresses[place]
        values = await self._ask_address({key: getattr(before, key) for key in ADDRESS_FIELDS})
        if values is not None:
            rest = list(self._addresses)
            rest[place] = address_of(values)
            self._set_addresses(tuple(rest))

    def remove_address(self, place: int) -> None:
        """Take an address away."""
        self._set_addresses(tuple(each for at, each in enumerate(self._addresses) if at != place))

    def take_order(self) -> None:
        """Begin an order for this customer."""
        self._vm.take_order()

    def leave(self) -> None:
        """Go back to the list; ask first when something would be lost."""
        tasks.latest(self, "leave", self._leave())

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused, at its field where there is one."""
        self._form.show_rejected(error)

    async def may_leave(self) -> bool:
        """Ask what should become of unsaved changes; False to stay."""
        if not self.is_dirty:
            return True
        answer = await ask(
            self,
            i18n.tr("merchant.unsaved"),
            i18n.tr("merchant.unsaved.text"),
            options=[
                Option("stay", i18n.tr("merchant.unsaved.stay")),
                Option("discard", i18n.tr("merchant.discard")),
                Option("save", i18n.tr("ui.save"), Look.PRIMARY),
            ],
            icon="pencil",
            tone=Tone.WARN,
        )
        if answer == "save":
            await self.save()
            return not self._form.is_dirty
        if answer == "discard":
            self._fill(self._shown)
        return answer == "discard"

    # -- parts

    def _lay(self) -> None:
        column, both = Column(), TwoColumns(shares=(3, 2))
        who = Card(i18n.tr("merchant.customer.who"))
        who.body.addWidget(self._form)
        orders = Card(i18n.tr("merchant.orders"), flush=True)
        orders.head.addWidget(self._orders_note)
        orders.head.addWidget(small_button(self.actions_set, "customer.order"))
        self._orders.set_empty("shopping-bag", i18n.tr("merchant.customer.no_orders"))
        orders.body.addWidget(self._orders)
        where = Card(i18n.tr("merchant.customer.addresses"))
        where.head.addWidget(small_button(self.actions_set, "customer.address"))
        self._where = QVBoxLayout()
        self._nowhere = Label(i18n.tr("merchant.customer.no_address"), Role.MUTED, wraps=True)
        where.body.addWidget(self._nowhere)
        where.body.addLayout(self._where)
        both.wide.addWidget(who)
        both.narrow.addWidget(where)
        both.wide.addStretch(1)
        both.narrow.addStretch(1)
        column.content.addWidget(both)
        column.content.addWidget(orders)
        column.content.addStretch(1)
        self.set_column(column)
        self.header.add(self.actions_set.button("customer.save"))

    # -- state

    def _show(self) -> None:
        customer = self._vm.customer
        is_other = customer is not None and customer != self._shown
        if is_other and (self._shown is None or not self.is_dirty):
            self._fill(customer)
            known = self._form.values_as_typed()
            edit(self._form, {key: each for key, each in self._filled.items() if key in known})
            self._filled = {}
        elif customer is None and not self._vm.is_new:
            self._fill(None)
        nameless = i18n.tr("merchant.customer.new") if self._vm.is_new else ""
        self.set_title(nameless if customer is None else customer.name or customer.email)
        self._orders_note.setText(self._vm.orders_text)
        self.actions_set.refresh()

    def _fill(self, customer: CustomerRow | None) -> None:
        self._shown = customer
        values: dict[str, FieldValue] = {
            "name": "",
            "email": "",
            "phone": "",
            "code": "",
            "tags": (),
            "accepts_marketing": False,
            "note": "",
        }
        if customer is not None:
            values = {key: getattr(customer, key) for key in values}
        self._form.set_values(values)
        self._set_addresses(() if customer is None else customer.addresses)

    def _set_addresses(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses
        for card in self._cards:
            self._where.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [AddressLine(place, each) for place, each in enumerate(addresses)]
        for card in self._cards:
            connect(card.chosen, self._edit_address)
            connect(card.removed, self.remove_address)
            self._where.addWidget(card)
        self._nowhere.setVisible(not addresses)
        self.actions_set.refresh()

    async def _ask_address(self, values: Mapping[str, FieldValue]) -> Values | None:
        title = i18n.tr("merchant.customer.address")
        return await show_form(self, title, _address_fields(), values=values)

    def _edit_address(self, place: int) -> None:
        tasks.latest(self, "address", self.edit_address(place))

    def _on_dirty(self, _is_dirty: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.actions_set.refresh()

    def _submit(self) -> None:
        tasks.latest(self, "save", self.save())

    def _open_order(self, row: object) -> None:
        if isinstance(row, ListedOrder):
            self._vm.show_order(row.id)

    async def _leave(self) -> None:
        if await self.may_leave():
            super().leave()


class AddressLine(QWidget):
    """One address with its buttons. Signals: `chosen(place)`, `removed(place)`."""

    chosen = Signal(int)
    removed = Signal(int)

    def __init__(self, place: int, address: Address) -> None:
        super().__init__()
        self._place = place
        text = address_text(address)
        self.setAccessibleName(text.replace("\n", ", "))
        change = Button("", "pencil", look=Look.GHOST, small=True, name=i18n.tr("merchant.edit"))
        remove = Button("", "trash-2", look=Look.GHOST, small=True, name=i18n.tr("merchant.remove"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.S1, 0, theme.S1)
        row.addWidget(Label(text, wraps=True), 1)
        row.addWidget(change)
        row.addWidget(remove)
        connect(change.clicked, self._choose)
        connect(remove.clicked, self._remove)

    def _choose(self) -> None:
        self.chosen.emit(self._place)

    def _remove(self) -> None:
        self.removed.emit(self._place)


def _fields() -> list[FieldSpec]:
    label = "merchant.customer"
    return [
        FieldSpec(key="name", label_key=f"{label}.name", longest=200),
        FieldSpec(key="email", label_key=f"{label}.email", is_half=True, longest=200),
        FieldSpec(key="phone", label_key=f"{label}.phone", is_half=True, longest=60),
        FieldSpec(key="code", label_key=f"{label}.code", is_half=True, longest=60),
        FieldSpec(key="tags", label_key=f"{label}.tags", kind=FieldKind.TAGS, is_half=True),
        FieldSpec(key="accepts_marketing", label_key=f"{label}.marketing", kind=FieldKind.SWITCH),
        FieldSpec(key="note", label_key=f"{label}.note", kind=FieldKind.MULTILINE),
    ]


def _address_fields() -> list[FieldSpec]:
    halves = {"name", "company", "postcode", "city", "region", "country"}
    return [
        FieldSpec(
            key=key,
            label_key=f"merchant.address.{key}",
            is_half=key in halves,
            longest=2 if key == "country" else 120,
        )
        for key in ADDRESS_FIELDS
    ]
