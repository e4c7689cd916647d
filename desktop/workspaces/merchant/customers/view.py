"""The customer list, and the page that opens from it."""

from collections.abc import Mapping

from desktop.ui import i18n, tasks
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.workspaces.merchant.customer.view import CustomerPage
from desktop.workspaces.merchant.customer.view_model import CustomerViewModel
from desktop.workspaces.merchant.customers.rows import ListedCustomer
from desktop.workspaces.merchant.customers.view_model import CustomersViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.parts.lists.view import SEARCH, ListPage
from desktop.workspaces.merchant.parts.page.view import Pages
from desktop.workspaces.merchant.places import NEW, Place, Screen
from shared.kernel.permissions import Permission

ACTIONS = (
    Action(
        id="customers.new",
        text_key="merchant.customer.new",
        intent="add",
        icon="user-plus",
        keys=("Ctrl+N",),
        permission=Permission.CUSTOMER_EDIT,
        look=Look.PRIMARY,
    ),
    SEARCH,
)


class CustomersPage(ListPage):
    """The list with its search."""

    def __init__(self, view_model: CustomersViewModel) -> None:
        super().__init__(
            i18n.tr("merchant.customers"),
            view_model.table,
            search=i18n.tr("merchant.customers.search"),
        )
        self._vm = view_model
        view_model.setParent(self)
        self.actions_set = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self.header.add(self.actions_set.button("customers.new"))
        connect(self.searched, view_model.search)
        connect(self.table.empty_acted, self._act_on_empty)
        connect(view_model.changed, self._show)
        view_model.start()
        self._show()

    def add(self) -> None:
        """Make a new customer."""
        self._vm.office.go(Place(screen=Screen.CUSTOMERS, key=NEW))

    def _show(self) -> None:
        self.header.set_note(self._vm.count_text)
        is_searching = bool(self._vm.text)
        if is_searching == self._is_empty_search:
            return
        self._is_empty_search = is_searching
        key = "merchant.customers.none" if is_searching else "merchant.customers.empty"
        action = "merchant.customers.all" if is_searching else "merchant.customer.new"
        self.table.set_empty("users", i18n.tr(key), i18n.tr(f"{key}.text"), action=i18n.tr(action))

    _is_empty_search: bool | None = None

    def _act_on_empty(self) -> None:
        if self._is_empty_search:
            self.search.clear()
        else:
            self.add()


class CustomersScreen(Pages):
    """All pages about customers."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self._office = office
        self._list = CustomersPage(CustomersViewModel(office))
        self._customer: CustomerPage | None = None
        self.add_page(self._list)
        connect(self._list.opened_row, self._open_row)

    def visit(self, place: Place) -> None:
        """Show a customer, a new one, or the list."""
        if place.key:
            tasks.latest(self, "open", self._open(place.key, place.filled))

    def has_unsaved(self) -> bool:
        """Whether a customer was changed and not saved."""
        return self._customer is not None and self._customer.is_dirty

    def _open_row(self, row: object) -> None:
        if isinstance(row, ListedCustomer):
            tasks.latest(self, "open", self._open(row.id, {}))

    async def _open(self, key: str, filled: Mapping[str, object]) -> None:
        page = self._customer
        if page is None:
            page = self._customer = CustomerPage(CustomerViewModel(self._office))
            connect(page.back_asked, self._show_list)
            self.add_page(page)
        elif page.customer_id != key and not await page.may_leave():
            return
        if key == NEW:
            page.begin(filled)
        else:
            page.open(key, filled)
        self.show_page(page)

    def _show_list(self) -> None:
        if self._customer is not None:
            self._list.table.select_key(self._customer.customer_id)
        self.show_page(self._list)
