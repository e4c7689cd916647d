"""MerchantWindow: the back office as one window."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from PySide6.QtGui import QShowEvent

from desktop.settings import DeviceSettings
from desktop.ui import i18n, tasks, theme
from desktop.ui.actions import Action
from desktop.ui.binding import connect
from desktop.ui.dialogs import confirm
from desktop.ui.frame import Frame, FrameSpec
from desktop.workspaces.cases.ports import SentCommands
from desktop.workspaces.desk import Desk
from desktop.workspaces.merchant.office import Offer, Office
from desktop.workspaces.merchant.parts.page.view import Pages
from desktop.workspaces.merchant.places import Place, Screen
from desktop.workspaces.merchant.ports import Gate, Preferences
from desktop.workspaces.merchant.screens import Screens
from desktop.workspaces.merchant.standing.view_model import StandingViewModel
from desktop.workspaces.shell import Shell
from desktop.workspaces.sync.ports import SyncStatus

_BRAND = "PyCommerce"
LOCK = Action(
    id="office.lock",
    text_key="merchant.lock",
    intent="lock",
    icon="lock",
    keys=("Ctrl+L",),
    group_key="ui.actions.group.window",
)


class MerchantWindow(Shell):
    """Everything a merchant works with. Make it, `show` it, and use it as the tasks' reporter.

    Texts, theme and direction are those in force (`i18n.use`, `theme.apply`); what a person changes
    about them here is kept by `preferences`. Somebody has signed in when it is made; where the
    desk's session is a Gate, they can lock it, and the program asks who is there.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        sync_status: SyncStatus,
        preferences: Preferences,
        sent: SentCommands,
    ) -> None:
        super().__init__(self._make)
        self.setObjectName("merchant")
        self.office = Office(desk, self)
        self._preferences = preferences
        self._screens = Screens(
            self.office, sync_status=sync_status, preferences=preferences, sent=sent, parent=self
        )
        self.standing = StandingViewModel(self.office, sync_status, self)
        self._mode = theme.current().mode
        self._zone = ""
        self._open_id = ""
        self._gate = desk.session if isinstance(desk.session, Gate) else None
        self._join()
        self.resize(1280, 800)
        self.office.start()
        self.standing.start()
        self.go(Place(screen=Screen.HOME))

    def _join(self) -> None:
        connect(self.office.went, self.go)
        connect(self.office.noted, self._note)
        connect(self.office.offered, self._offer)
        connect(self.office.changed, self._use_zone)
        connect(self.standing.changed, self._show_standing)
        connect(self.restyled, self._keep_mode)
        connect(self._screens.settings_chosen, self._choose_settings)

    def go(self, place: Place) -> None:
        """Open a screen and let it show what the place says; its list where that is nothing."""
        self._open_id = ""
        screen = self.frame.open_screen(place.screen)
        if isinstance(screen, Pages) and not place.key and not place.show:
            screen.go_home()
        visit = getattr(screen, "visit", None)
        if callable(visit):
            visit(place)

    def keep_settings(self, settings: DeviceSettings) -> None:
        """Keep settings of this device, and speak and look as they say."""
        tasks.latest(self, "settings", self._preferences.save(settings))
        self._mode = self.use_mode(settings.theme)
        language = settings.language or i18n.language().code
        if language != i18n.language().code:
            zone = ZoneInfo(self.office.store.timezone if self.office.has_store else "UTC")
            self.use_language(i18n.load(language), zone)
            self.office.start()
            self.go(Place(screen=Screen.SETTINGS))

    def lock(self) -> None:
        """Ask for a PIN before anybody goes on."""
        if self._gate is not None:
            self._gate.lock()

    def unsaved(self) -> bool:
        """Whether something was changed on a screen and not saved."""
        return self._screens.has_unsaved()

    def ask_to_close(self) -> None:
        """Ask the person first when something would be lost."""
        if self.unsaved():
            tasks.latest(self, "close", self._ask_to_close())
        else:
            super().ask_to_close()

    def showEvent(self, event: QShowEvent) -> None:
        """Say who is here: while the window was hidden, somebody may have come back."""
        super().showEvent(event)
        self._show_standing()

    # -- inside

    def _make(self) -> Frame:
        spec = FrameSpec(
            brand=_BRAND,
            screens=self._screens.specs(),
            allowed=self.office.allowed,
            has_header=False,
            actions=() if self._gate is None else (LOCK,),
            target=self,
            title=i18n.tr("app.title.merchant"),
        )
        frame = Frame(spec)
        connect(frame.strip.chosen, self._choose_chip)
        connect(frame.screen_changed, self._reached)
        self._show_on(frame)
        return frame

    async def _ask_to_close(self) -> None:
        if await confirm(
            self,
            i18n.tr("merchant.unsaved"),
            i18n.tr("merchant.unsaved.new"),
            action=i18n.tr("merchant.unsaved.leave"),
            danger=True,
        ):
            super().ask_to_close()

    def _reached(self, screen_id: str) -> None:
        """Whoever chooses the screen that is open already wants to see its list."""
        is_again = screen_id == self._open_id
        self._open_id = screen_id
        screen = self.frame.current_screen()
        if is_again and isinstance(screen, Pages):
            screen.go_home()

    def _choose_chip(self, chip_id: str) -> None:
        if chip_id == "person":
            self.lock()
        else:
            self.standing.choose(chip_id)

    def _show_standing(self) -> None:
        if self.has_frame:
            self._show_on(self.frame)

    def _show_on(self, frame: Frame) -> None:
        frame.strip.set_chips(self.standing.chips())
        for screen, waiting in (
            (Screen.ORDERS, self.standing.to_ship),
            (Screen.INBOX, self.standing.to_settle),
        ):
            count = i18n.format_number(waiting.count) if waiting.count else ""
            frame.rail.set_count(screen, count)

    def _note(self, text: str) -> None:
        self.toast(text)

    def _offer(self, text: str, action: str, offer: object) -> None:
        toast = self.toast(text, action=action)
        if isinstance(offer, Offer):
            connect(toast.acted, offer.take)
            connect(toast.gone, offer.lapse)

    def _use_zone(self) -> None:
        """Show times as the shop's clocks do."""
        if self.office.has_store and self.office.store.timezone != self._zone:
            self._zone = self.office.store.timezone
            i18n.use(i18n.language(), ZoneInfo(self._zone))

    def _choose_settings(self, settings: object) -> None:
        if isinstance(settings, DeviceSettings):
            self.keep_settings(settings)

    def _keep_mode(self) -> None:
        mode = theme.current().mode
        if mode is not self._mode:
            self._mode = mode
            settings = replace(self._preferences.settings, theme=mode.value)
            tasks.latest(self, "settings", self._preferences.save(settings))
