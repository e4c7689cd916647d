"""MerchantWindow: the back office as one window."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from desktop.settings import DeviceSettings
from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.frame import Frame, FrameSpec
from desktop.workspaces.desk import Desk
from desktop.workspaces.merchant.office import Office
from desktop.workspaces.merchant.places import Place, Screen
from desktop.workspaces.merchant.ports import Preferences, SentCommands, SyncStatus
from desktop.workspaces.merchant.screens import Screens
from desktop.workspaces.merchant.standing.view_model import StandingViewModel
from desktop.workspaces.shell import Shell

_BRAND = "PyCommerce"


class MerchantWindow(Shell):
    """Everything a merchant works with. Make it, `show` it, and use it as the tasks' reporter.

    Texts, theme and direction are those in force (`i18n.use`, `theme.apply`); what a person changes
    about them here is kept by `preferences`.
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
        self._is_speaking_anew = False
        connect(self.office.went, self.go)
        connect(self.office.noted, self._note)
        connect(self.office.changed, self._use_zone)
        connect(self.standing.changed, self._show_standing)
        connect(self.restyled, self._keep_mode)
        connect(self._screens.settings_chosen, self._choose_settings)
        self.resize(1280, 800)
        self.office.start()
        self.standing.start()
        self.go(Place(screen=Screen.HOME))

    def go(self, place: Place) -> None:
        """Open a screen and let it show what the place says."""
        screen = self.frame.open_screen(place.screen)
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

    # -- inside

    def _make(self) -> Frame:
        spec = FrameSpec(
            brand=_BRAND,
            screens=self._screens.specs(),
            allowed=self.office.allowed,
            has_header=False,
        )
        frame = Frame(spec)
        connect(frame.strip.chosen, self.standing.choose)
        self._show_on(frame)
        return frame

    def _show_standing(self) -> None:
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
        self.frame.toast(text)

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
