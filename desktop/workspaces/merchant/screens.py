"""The screens of the back office: their order, keys, and how each is made."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from desktop.ui.binding import connect
from desktop.ui.navigation import ScreenSpec
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.merchant.customers.view import CustomersScreen
from desktop.workspaces.merchant.home.view import HomeView
from desktop.workspaces.merchant.home.view_model import HomeViewModel
from desktop.workspaces.merchant.imports.view import ImportsScreen
from desktop.workspaces.merchant.inbox.view import InboxPage
from desktop.workspaces.merchant.inbox.view_model import InboxViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.orders.view import OrdersScreen
from desktop.workspaces.merchant.parts.page.view import Page, Pages
from desktop.workspaces.merchant.places import Screen
from desktop.workspaces.merchant.ports import Preferences
from desktop.workspaces.merchant.products.view import ProductsScreen
from desktop.workspaces.merchant.settings.view import SettingsPage
from desktop.workspaces.merchant.settings.view_model import SettingsViewModel
from desktop.workspaces.merchant.sync.view import SyncPage
from desktop.workspaces.merchant.sync.view_model import SyncViewModel
from desktop.workspaces.sync.ports import SyncStatus

Editing = ProductsScreen | OrdersScreen | CustomersScreen
EditingT = TypeVar("EditingT", ProductsScreen, OrdersScreen, CustomersScreen)
SELL, SHOP = "merchant.section.sell", "merchant.section.shop"


class Screens(QObject):
    """Makes the screens, each when it is first opened.

    Signal: `settings_chosen(DeviceSettings)` when somebody wants others for this device.
    """

    settings_chosen = Signal(object)

    def __init__(
        self,
        office: Office,
        *,
        sync_status: SyncStatus,
        preferences: Preferences,
        sent: SentCommands,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._office = office
        self._sync = sync_status
        self._preferences = preferences
        self._sent = sent
        self._editing: list[Editing] = []

    def specs(self) -> tuple[ScreenSpec, ...]:
        """All screens, in the order of the rail."""
        return (
            _spec(Screen.HOME, "house", self.home, keys="Ctrl+1"),
            _spec(Screen.ORDERS, "shopping-bag", self.orders, keys="Ctrl+2", section_key=SELL),
            _spec(Screen.PRODUCTS, "package", self.products, keys="Ctrl+3", section_key=SELL),
            _spec(Screen.CUSTOMERS, "users", self.customers, keys="Ctrl+4", section_key=SELL),
            _spec(Screen.INBOX, "inbox", self.inbox, keys="Ctrl+5", section_key=SHOP),
            _spec(Screen.IMPORTS, "import", self.imports, keys="Ctrl+6", section_key=SHOP),
            _spec(Screen.SYNC, "refresh-cw", self.sync, keys="Ctrl+7", section_key=SHOP),
            _spec(Screen.SETTINGS, "settings", self.settings, keys="Ctrl+8", section_key=SHOP),
        )

    def has_unsaved(self) -> bool:
        """Whether something was changed on a screen and not saved."""
        return any(isValid(screen) and screen.has_unsaved() for screen in self._editing)

    def home(self) -> HomeView:
        """Today at a glance."""
        return HomeView(HomeViewModel(self._office, self._sync))

    def customers(self) -> CustomersScreen:
        """Customers, and one of them."""
        return self._watched(CustomersScreen(self._office))

    def imports(self) -> ImportsScreen:
        """Earlier imports, and a new one."""
        return ImportsScreen(self._office)

    def inbox(self) -> InboxPage:
        """What needs a person."""
        return InboxPage(InboxViewModel(self._office, self._sent))

    def orders(self) -> OrdersScreen:
        """Orders, one of them, and a new one."""
        return self._watched(OrdersScreen(self._office))

    def products(self) -> ProductsScreen:
        """Products, and one of them."""
        return self._watched(ProductsScreen(self._office))

    def sync(self) -> SyncPage:
        """Devices and synchronisation."""
        return SyncPage(SyncViewModel(self._office, self._sync))

    def settings(self) -> SettingsPage:
        """The shop's lists, and this device."""
        view_model = SettingsViewModel(self._office, self._preferences)
        connect(view_model.settings_chosen, self._choose_settings)
        return SettingsPage(view_model)

    def _watched(self, screen: EditingT) -> EditingT:
        self._editing = [known for known in self._editing if isValid(known)]
        self._editing.append(screen)
        return screen

    def _choose_settings(self, settings: object) -> None:
        self.settings_chosen.emit(settings)


def _spec(
    screen: Screen,
    icon: str,
    factory: Callable[[], Page | Pages],
    *,
    keys: str,
    section_key: str = "",
) -> ScreenSpec:
    return ScreenSpec(
        id=screen,
        title_key=f"merchant.{screen}",
        icon=icon,
        factory=factory,
        keys=keys,
        section_key=section_key,
    )
