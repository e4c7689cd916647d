"""The order list, and the pages that open from it: one order, or a new one."""

from collections.abc import Mapping

from desktop.ui import i18n
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.workspaces.merchant.new_order.view import NewOrderPage
from desktop.workspaces.merchant.new_order.view_model import NewOrderViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.order.view import OrderPage
from desktop.workspaces.merchant.order.view_model import OrderViewModel
from desktop.workspaces.merchant.orders.rows import ListedOrder
from desktop.workspaces.merchant.orders.view_model import OrdersViewModel
from desktop.workspaces.merchant.parts.lists.view import (
    SEARCH,
    FilterField,
    ListPage,
    Segment,
    Segments,
)
from desktop.workspaces.merchant.parts.page.view import Pages
from desktop.workspaces.merchant.places import NEW, Place, Screen
from desktop.workspaces.merchant.words import CHANNEL_BADGES, PAYMENT_BADGES, choices
from shared.kernel.permissions import Permission
from shared.orders.commands import FulfillmentStatus

ACTIONS = (
    Action(
        id="orders.new",
        text_key="merchant.order.new",
        intent="add",
        icon="plus",
        keys=("Ctrl+N",),
        permission=Permission.ORDER_PLACE,
        look=Look.PRIMARY,
    ),
    SEARCH,
)
_SEGMENTS = {
    "": "merchant.all",
    FulfillmentStatus.UNFULFILLED: "merchant.delivery.unfulfilled",
    FulfillmentStatus.PARTIALLY_FULFILLED: "merchant.delivery.partially_fulfilled",
    FulfillmentStatus.FULFILLED: "merchant.delivery.fulfilled",
}


class OrdersPage(ListPage):
    """The list with its segments, filters and search."""

    def __init__(self, view_model: OrdersViewModel) -> None:
        super().__init__(
            i18n.tr("merchant.orders"), view_model.table, search=i18n.tr("merchant.orders.search")
        )
        self._vm = view_model
        view_model.setParent(self)
        self._segments = Segments(
            [Segment(value, i18n.tr(key)) for value, key in _SEGMENTS.items()],
            name=i18n.tr("merchant.order.delivery"),
        )
        self._channel = FilterField(i18n.tr("merchant.order.channel"), choices(CHANNEL_BADGES))
        self._payment = FilterField(i18n.tr("merchant.order.payment"), choices(PAYMENT_BADGES))
        for part in (self._segments, self._channel, self._payment):
            self.add_to_bar(part)
        self.actions_set = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self.header.add(self.actions_set.button("orders.new"))
        self._join()
        view_model.start()
        self._show()

    def narrow(self, delivery: str) -> None:
        """Show the orders of one fulfillment status only."""
        self._clear()
        self._segments.mark(delivery)
        self._vm.show_delivery(delivery)

    def add(self) -> None:
        """Take an order by hand."""
        self._vm.office.go(Place(screen=Screen.ORDERS, key=NEW))

    def _join(self) -> None:
        connect(self.searched, self._vm.search)
        connect(self._segments.chosen, self._vm.show_delivery)
        connect(self._channel.edited, self._filter)
        connect(self._payment.edited, self._filter)
        connect(self.table.empty_acted, self._act_on_empty)
        connect(self._vm.changed, self._show)

    def _filter(self) -> None:
        self._vm.show_channel(self._channel.value())
        self._vm.show_payment(self._payment.value())

    def _show(self) -> None:
        self.header.set_note(self._vm.count_text)
        if self._vm.is_narrowed == self._is_empty_search:
            return
        self._is_empty_search = self._vm.is_narrowed
        if self._is_empty_search:
            self.table.set_empty(
                "search",
                i18n.tr("merchant.orders.none"),
                i18n.tr("merchant.orders.none.text"),
                action=i18n.tr("merchant.orders.none.action"),
            )
        else:
            self.table.set_empty(
                "shopping-bag",
                i18n.tr("merchant.home.recent.empty"),
                i18n.tr("merchant.orders.hint"),
                action=i18n.tr("merchant.order.new"),
            )

    _is_empty_search: bool | None = None

    def _act_on_empty(self) -> None:
        if self._is_empty_search:
            self._clear()
            self._vm.show_all()
        else:
            self.add()

    def _clear(self) -> None:
        self.search.clear()
        self._segments.mark("")
        self._channel.set_value("")
        self._payment.set_value("")


class OrdersScreen(Pages):
    """All pages about orders."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._list = OrdersPage(OrdersViewModel(office))
        self._order: OrderPage | None = None
        self._new: NewOrderPage | None = None
        self.add_page(self._list)
        connect(self._list.opened_row, self._open_row)

    def visit(self, place: Place) -> None:
        """Show an order, a new one, or the list."""
        if place.key == NEW:
            self._begin(place.filled)
        elif place.key:
            self._open(place.key)
        elif place.show:
            self._list.narrow(place.show)
            self.show_page(self._list)

    def has_unsaved(self) -> bool:
        """Whether an order was begun and not placed."""
        return self._new is not None and self.page() is self._new and self._new.is_dirty

    def _open_row(self, row: object) -> None:
        if isinstance(row, ListedOrder):
            self._open(row.id)

    def _open(self, order_id: str) -> None:
        if self._order is None:
            self._order = OrderPage(OrderViewModel(self._office))
            connect(self._order.back_asked, self._show_list)
            self.add_page(self._order)
        self._order.open(order_id)
        self.show_page(self._order)

    def _begin(self, filled: Mapping[str, object]) -> None:
        if self._new is None:
            self._new = NewOrderPage(NewOrderViewModel(self._office))
            connect(self._new.back_asked, self._show_list)
            connect(self._new.placed, self._open)
            self.add_page(self._new)
        self._new.begin(filled)
        self.show_page(self._new)

    def _show_list(self) -> None:
        if self._order is not None:
            self._list.table.select_key(self._order.order_id)
        self.show_page(self._list)
