"""The screens of the back office: their order, keys, and how each is made."""

from PySide6.QtCore import QObject

from desktop.ui.navigation import ScreenSpec
from desktop.workspaces.merchant.home.view import HomeView
from desktop.workspaces.merchant.home.view_model import HomeViewModel
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.places import Screen
from desktop.workspaces.merchant.ports import Preferences, SentCommands, SyncStatus

SELL, SHOP = "merchant.section.sell", "merchant.section.shop"


class Screens(QObject):
    """Makes the screens, each when it is first opened."""

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

    def specs(self) -> tuple[ScreenSpec, ...]:
        """All screens, in the order of the rail."""
        return (
            ScreenSpec(
                id=Screen.HOME,
                title_key="merchant.home",
                icon="house",
                factory=self.home,
                keys="Ctrl+1",
            ),
            *(
                ScreenSpec(
                    id=x, title_key="merchant.home", icon="box", factory=self.home, keys=f"Ctrl+{n}"
                )
                for n, x in (
                    (2, "orders"),
                    (3, "products"),
                    (4, "customers"),
                    (5, "inbox"),
                    (6, "imports"),
                    (7, "sync"),
                    (8, "settings"),
                )
            ),
        )

    def home(self) -> HomeView:
        """Today at a glance."""
        return HomeView(HomeViewModel(self._office, self._sync))
