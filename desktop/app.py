"""The composition root: a window for each workspace around one device, and their end in order."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.device import (
    Device,
    Preferences,
    SentCommands,
    client_version,
    machine_name,
    open_device,
)
from desktop.errors import LastResort
from desktop.hardware.printers import printer_of
from desktop.papers import PaperFolder, TillPrinter
from desktop.settings import Profile
from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.frame import Frame
from desktop.ui.garbage import GarbageTimer
from desktop.ui.scanner import Scanner
from desktop.ui.sounds import Sounds
from desktop.workspaces.pairing.view import PairingView
from desktop.workspaces.pairing.view_model import Fill, PairingViewModel
from desktop.workspaces.shell import Shell
from desktop.workspaces.sign_in.view import SignInView
from desktop.workspaces.sign_in.view_model import SignInViewModel
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission
from shared.organization.commands import Workspace
from shared.organization.queries import active_users

if TYPE_CHECKING:  # a start loads its own workspace's screens only
    from desktop.workspaces.fulfillment.window import FulfillmentWindow
    from desktop.workspaces.kiosk.window import KioskWindow
    from desktop.workspaces.merchant.window import MerchantWindow

_log = logging.getLogger(__name__)
_PRINTER = "receipt_printer"
_FIRST_SIZE = QSize(1280, 800)
DENSITIES = {
    Workspace.MERCHANT: theme.OFFICE,
    Workspace.FULFILLMENT: theme.STATION,
    Workspace.KIOSK: theme.TILL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line decides.

    `pair_with` is (server address, pairing code): pairs an unpaired profile without asking.
    `sign_in_as` is (name, PIN): lets somebody in at once, for demos.
    """

    profile: Profile
    workspace: Workspace | None = None
    language: str = ""
    mode: str = ""
    is_full_screen: bool = False
    pair_with: tuple[str, str] | None = None
    sign_in_as: tuple[str, str] | None = None


class Program(QObject):
    """One running desktop: a device, its window, and the last resort for errors.

    `start` opens the device and shows a window; `ended` is set when the person closed it.
    """

    def __init__(self, options: Options, app: QApplication) -> None:
        super().__init__()
        self._options = options
        self._app = app
        self.preferences = Preferences(options.profile)
        self._papers = options.profile.folder / "papers"
        self.ended = asyncio.Event()
        self.device: Device | None = None
        self.window: QWidget | None = None
        self._printer: TillPrinter | None = None
        self._sounds = Sounds()
        self._scanner: Scanner | None = None
        self._pairing: PairingViewModel | None = None
        self._office: MerchantWindow | None = None
        self._office_of: str | None = None
        self._garbage = GarbageTimer(self)
        self.last_resort = LastResort(
            folder=options.profile.reports,
            clock=SystemClock(),
            version=client_version(),
            show_rejected=self._show_rejected,
            show_unavailable=self._show_unavailable,
            show_report=self._show_report,
        )

    # -- beginning and end

    async def start(self) -> None:
        """Open the profile and show the first window. Raises Unavailable."""
        self._speak()
        connect(self._app.lastWindowClosed, self.close_asked)
        self.device = await open_device(self._options.profile)
        if await self.device.is_filled():
            self.device.start_sync()
            await self._open_workspace(self.device)
            return
        pairing = self._show_pairing(self.device)
        if self.device.identity is not None:
            pairing.resume()
            self.device.start_sync()
        elif self._options.pair_with is not None:
            server_url, code = self._options.pair_with
            pairing.pair(server_url, code, machine_name())

    async def stop(self) -> None:
        """Close the window, end the exchange and the files; what is queued is finished first."""
        window, office = self.window, self._office
        self.window = self._office = None
        if window is not None:
            _close(window)
        if office is not None and office is not window:
            _close(office)
        if self._scanner is not None:
            self._scanner.close()
        if self._printer is not None:
            await asyncio.to_thread(self._printer.close)
        if self.device is not None:
            await self.device.close()
        tasks.use_reporter(None)
        self._garbage.stop()

    def close_asked(self) -> None:
        """The person wants to leave."""
        self.ended.set()

    def last_resort_took(self, error: object) -> None:
        """A task failed in a way that nobody foresaw."""
        if isinstance(error, BaseException):
            self.last_resort.take(error)

    def _speak(self) -> None:
        settings = self.preferences.settings
        wanted = self._options.language or settings.language or QLocale.system().name()[:2]
        i18n.use(i18n.load(wanted if wanted in i18n.LANGUAGES else i18n.LANGUAGES[0]))
        self._dress(self._options.workspace or Workspace.MERCHANT)

    def _dress(self, workspace: Workspace) -> None:
        chosen = self._options.mode or self.preferences.settings.theme
        is_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        system = theme.Mode.DARK if is_dark else theme.Mode.LIGHT
        mode = theme.Mode(chosen) if chosen in {"light", "dark"} else system
        theme.apply(self._app, theme.Theme(mode, DENSITIES[workspace]))

    # -- windows

    def _show_pairing(self, device: Device) -> PairingViewModel:
        self._pairing = made = PairingViewModel(device.pair)
        view = PairingView(made, server_url="", name=machine_name())
        connect(device.light.changed, self._show_fill)
        connect(made.finished, self._paired)
        self._show(view)
        return made

    def _show_fill(self) -> None:
        if self._pairing is not None and self.device is not None:
            status = self.device.light.status
            self._pairing.show_fill(
                Fill(
                    status.filled_rows,
                    is_done=status.is_filled,
                    here_bytes=status.fetched_bytes,
                    file_bytes=status.file_bytes,
                )
            )

    def _paired(self) -> None:
        pairing, self._pairing = self._pairing, None
        if pairing is not None and self.device is not None:
            tasks.spawn(self, self._open_workspace(self.device))

    async def _open_workspace(self, device: Device) -> None:
        desk = device.desk()
        workspace = self._options.workspace or desk.identity.workspace
        self._dress(workspace)
        if self._options.sign_in_as is not None:
            await self._sign_in(device, *self._options.sign_in_as)
        match workspace:
            case Workspace.MERCHANT:
                connect(device.gate.changed, self._follow_gate)
                self._follow_gate()
            case Workspace.FULFILLMENT:
                self._show(self._heard(self._fulfillment(device)))
            case Workspace.KIOSK:
                self._show(self._heard(self._kiosk(device)))

    async def _sign_in(self, device: Device, name: str, pin: str) -> None:
        """Let a named member of the staff in; a demo's desktop is ready to work.

        Whose PIN is another one by now has to sign in as everybody does.
        """
        for user in await device.work.fetch(active_users):
            if user.name == name:
                with suppress(Rejected):
                    await device.gate.sign_in(UserId(user.user_id), pin)

    def _follow_gate(self) -> None:
        """Show the back office of whoever works here; while nobody does, ask who it is.

        Whoever locked the back office finds it as it was left; anybody else gets one anew.
        """
        device = self.device
        if device is None:
            return
        who, former = device.gate.user_id, self._office
        if who is None:
            if not isinstance(self.window, SignInView):
                self._show(self._asking(device))
        elif former is None or who != self._office_of:
            self._office, self._office_of = self._merchant(device), who
            self._show(self._heard(self._office))
            if former is not None:
                _close(former)
        elif self.window is not former:
            self._show(former)

    def _asking(self, device: Device) -> SignInView:
        desk = device.desk()
        view_model = SignInViewModel(desk, device.gate, needs=Permission.CATALOG_EDIT)
        return SignInView(view_model, shop=desk.identity.tenant_name)

    def _merchant(self, device: Device) -> "MerchantWindow":
        from desktop.workspaces.merchant.window import MerchantWindow

        return MerchantWindow(
            device.desk(),
            sync_status=device.light,
            preferences=self.preferences,
            sent=SentCommands(device.work),
        )

    def _fulfillment(self, device: Device) -> "FulfillmentWindow":
        from desktop.workspaces.fulfillment.ports import Outside
        from desktop.workspaces.fulfillment.window import FulfillmentWindow

        # The station sounds its verdict on a scan, not the scan's arrival.
        self._scanner = Scanner(self._app, sounds=Sounds(is_on=False))
        return FulfillmentWindow(
            device.desk(),
            Outside(
                gate=device.gate,
                sync_status=device.light,
                papers=PaperFolder(self._papers),
                sent=SentCommands(device.work),
                sounds=self._sounds,
                scanner=self._scanner,
            ),
        )

    def _kiosk(self, device: Device) -> "KioskWindow":
        from desktop.workspaces.kiosk.ports import Outside
        from desktop.workspaces.kiosk.window import KioskWindow

        address = self.preferences.settings.hardware.get(_PRINTER, "")
        self._printer = TillPrinter(printer_of(address), self._options.profile.folder / "spool")
        self._scanner = Scanner(self._app, sounds=self._sounds)
        window = KioskWindow(
            device.desk(),
            Outside(
                gate=device.gate,
                printer=self._printer,
                sync_status=device.light,
                scanner=self._scanner,
                sounds=self._sounds,
                papers=PaperFolder(self._papers),
                sent=SentCommands(device.work),
            ),
        )
        window.start()
        return window

    def _heard(self, window: Frame | Shell) -> QWidget:
        """A new workspace's window, whose wish to close and whose failures are heard."""
        connect(window.close_asked, self.close_asked)
        connect(window.failure_reported, self.last_resort_took)
        return window

    def _show(self, window: QWidget) -> None:
        """Put a window in the place of the one before, which goes; a locked office only hides."""
        before, self.window = self.window, window
        tasks.use_reporter(window if isinstance(window, Frame | Shell) else None)
        if before is None:
            window.resize(_FIRST_SIZE.boundedTo(window.screen().availableSize()))
        else:
            window.setGeometry(before.geometry())
        if self._options.is_full_screen:
            window.showFullScreen()
        else:
            window.show()
        window.activateWindow()
        if before is None:
            return
        is_kept = before is self._office
        if is_kept:
            before.hide()
        else:
            _close(before)

    # -- errors that reached nobody

    def _show_rejected(self, error: Rejected) -> None:
        tasks.report(self.window, error)

    def _show_unavailable(self, error: Unavailable) -> None:
        tasks.report(self.window, error)

    def _show_report(self, path: Path | None) -> None:
        text = i18n.tr("app.report.none") if path is None else i18n.tr("app.report", path=str(path))
        toast = getattr(self.window, "toast", None)
        if callable(toast):
            toast(text)


def _close(window: QWidget) -> None:
    """Close for good, without asking again."""
    if isinstance(window, Frame | Shell):
        window.allow_close()
    else:
        window.close()
    window.deleteLater()
