"""Somebody at work in the back office's window: going from page to page and reading them."""

from desktop.ui.facts import Facts
from desktop.workspaces.merchant.parts.lists.view import ListPage
from desktop.workspaces.merchant.parts.page.view import Page, Pages
from desktop.workspaces.merchant.places import Place, Screen
from desktop.workspaces.merchant.window import MerchantWindow
from tests.support.hands import Hands


class OfficeHands(Hands):
    """Hands and eyes in the back office."""

    def __init__(self, window: MerchantWindow) -> None:
        super().__init__(window)
        self.window: MerchantWindow = window

    async def go(self, screen: Screen, key: str = "", *, show: str = "") -> Page:
        """Open a screen and wait until it stands."""
        self.window.go(Place(screen=screen, key=key, show=show))
        await self.settle()
        return self.page()

    def page(self) -> Page:
        """The page in front."""
        screen = self.window.frame.current_screen()
        page = screen.page() if isinstance(screen, Pages) else screen
        assert isinstance(page, Page)
        return page

    def list_page(self) -> ListPage:
        """The page in front, which is a list."""
        page = self.page()
        assert isinstance(page, ListPage)
        return page

    def facts(self) -> str:
        """Names and values on the page, one fact a line."""
        return "\n".join(each.text() for each in self.every(Facts))

    def fact(self, name: str, *, beside: str = "") -> str:
        """The value of a name; `beside` names another fact that stands on the same card."""
        for facts in self.every(Facts):
            pairs = (line.partition(": ") for line in facts.text().splitlines())
            found = {key: value for key, _, value in pairs}
            if name in found and (not beside or beside in found):
                return found[name]
        raise AssertionError(f"no fact {name!r} in {self.facts()}")

    def toasts(self) -> list[str]:
        """The notes that are shown."""
        return self.window.frame.toasts.texts()
