"""The station's window: sign-in, queue, parcel; scans and keys go where they belong."""

import asyncio

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.actions import Action, ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.frame import Frame, FrameSpec
from desktop.ui.i18n import format_time, tr
from desktop.ui.navigation import ScreenSpec
from desktop.ui.sheet import top_sheet
from desktop.ui.sounds import Tone as Sound
from desktop.ui.status_strip import Chip, Severity
from desktop.ui.tasks import spawn
from desktop.workspaces.cases.chips import CASES, cases_chip
from desktop.workspaces.cases.view import CasesView
from desktop.workspaces.cases.view_model import CasesViewModel
from desktop.workspaces.desk import Desk
from desktop.workspaces.fulfillment.commands.sheet import command_sheet_pdf
from desktop.workspaces.fulfillment.feedback import path_words
from desktop.workspaces.fulfillment.parcel.view import ParcelView
from desktop.workspaces.fulfillment.parcel.view_model import ParcelViewModel
from desktop.workspaces.fulfillment.ports import Outside
from desktop.workspaces.fulfillment.queue.view import QueueView
from desktop.workspaces.fulfillment.queue.view_model import QueueViewModel
from desktop.workspaces.fulfillment.sign_in.view import SignInView
from desktop.workspaces.fulfillment.sign_in.view_model import SignInViewModel
from desktop.workspaces.fulfillment.station.view_model import StationViewModel
from desktop.workspaces.fulfillment.verify import Word, command_of, is_command
from desktop.workspaces.sync.chips import ALARM, alarm_chip
from desktop.workspaces.sync.view import SyncView
from desktop.workspaces.sync.view_model import SyncStanding

CASES_KEY = "F7"
WINDOW_ACTIONS = (
    Action(
        id="station.commands",
        text_key="fulfillment.commands.print",
        intent="print_commands",
        icon="barcode",
        keys=("F6",),
        enabled_when="is_open",
        group_key="ui.actions.group.window",
    ),
    Action(
        id="station.cases",
        text_key="case.page",
        intent="show_cases",
        icon="inbox",
        keys=(CASES_KEY, "Ctrl+5"),
        enabled_when="is_open",
        group_key="ui.actions.group.window",
    ),
    Action(
        id="station.sync",
        text_key="sync.page",
        intent="show_sync",
        icon="cloud",
        keys=("F9", "Ctrl+7"),
        enabled_when="is_open",
        group_key="ui.actions.group.window",
    ),
    Action(
        id="station.lock",
        text_key="fulfillment.lock",
        intent="lock",
        icon="lock",
        keys=("F11",),
        enabled_when="is_open",
        group_key="ui.actions.group.window",
    ),
)


class StationPages(QWidget):
    """The one screen of the frame: the page that is open speaks for it."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    @property
    def actions_set(self) -> ActionSet | None:
        """The actions of the page that is open."""
        found = getattr(self._stack.currentWidget(), "actions_set", None)
        return found if isinstance(found, ActionSet) else None

    def title(self) -> str:
        """The title of the page that is open."""
        page = self._stack.currentWidget()
        if isinstance(page, SignInView | QueueView | ParcelView | CasesView | SyncView):
            return page.title()
        return tr("fulfillment.queue")

    def add(self, page: QWidget) -> None:
        """Add a page."""
        self._stack.addWidget(page)

    def show_page(self, page: QWidget) -> None:
        """Open a page."""
        self._stack.setCurrentWidget(page)

    def current(self) -> QWidget | None:
        """The page that is open."""
        return self._stack.currentWidget()


class FulfillmentWindow(Frame):
    """Everything the packing table needs, without a mouse.

    It is also the program's reporter of errors, once given to `tasks.use_reporter`.
    """

    changed = Signal()

    def __init__(self, desk: Desk, outside: Outside) -> None:
        self.pages = StationPages()
        screen = ScreenSpec(
            id="station", title_key="fulfillment.queue", icon="package", factory=self._give_pages
        )
        spec = FrameSpec(
            brand=desk.identity.tenant_name, screens=[screen], has_rail=False, has_header=False
        )
        super().__init__(spec)
        self._gate, self._sync = outside.gate, outside.sync_status
        self._papers, self._sounds = outside.papers, outside.sounds
        self.scanner = outside.scanner
        self.station = StationViewModel(desk, self)
        self.queue_model = QueueViewModel(desk)
        self.parcel_model = ParcelViewModel(desk, outside.papers)
        self.sign_in = SignInView(SignInViewModel(desk, outside.gate))
        self.queue = QueueView(self.queue_model, self._sounds)
        self.parcel = ParcelView(self.parcel_model, self._sounds, self.scanner)
        # A note never lies on the line that takes codes.
        self.toasts.stand_over(self.parcel.table)
        self.cases_model = CasesViewModel(desk, outside.sent, parent=self)
        self.cases = CasesView(self.cases_model)
        self.sync_page = SyncView(SyncStanding(desk, outside.sync_status, self))
        for page in (self.sign_in, self.queue, self.parcel, self.cases, self.sync_page):
            self.pages.add(page)
        self._parcel_of: str | None = None
        self.window_actions = ActionSet(WINDOW_ACTIONS, target=self, widget=self)
        self._connect()
        self.station.start()
        self.cases_model.start()
        self.open_screen("station")
        self._follow_gate()

    @property
    def is_open(self) -> bool:
        """Whether somebody is signed in."""
        return self._gate.user_id is not None

    def live_actions(self) -> list[LiveAction]:
        """Give everything that can be asked for now: the page's, the station's, the window's."""
        page = self.pages.actions_set
        first = [] if page is None else page.live()
        station = self.window_actions.live() if self.is_open else []
        return [*first, *station, *self.actions_set.live()]

    # -- intents

    def lock(self) -> None:
        """Ask for a PIN before anything else; the parcel stays where it is."""
        if self.is_open:
            self._gate.lock()

    def show_cases(self) -> None:
        """Show the cases, or go back from them."""
        self._look_aside(self.cases)

    def show_sync(self) -> None:
        """Show how this device stands to its server, or go back from that."""
        self._look_aside(self.sync_page)

    def print_commands(self) -> None:
        """Save the sheet of command barcodes."""
        spawn(self, self._print_commands())

    async def _print_commands(self) -> None:
        made = await asyncio.to_thread(command_sheet_pdf)
        path = await self._papers.keep("command-barcodes.pdf", made)
        self.toast(tr("fulfillment.commands.saved", path=path_words(path)))

    # -- inside

    def _connect(self) -> None:
        connect(self._gate.changed, self._follow_gate)
        connect(self._sync.changed, self._show_chips)
        connect(self.station.changed, self._show_chips)
        connect(self.station.resumed, self._resume)
        connect(self.queue_model.opened, self._open_parcel)
        connect(self.parcel_model.left, self._open_queue)
        connect(self.parcel_model.next_wanted, self._open_next)
        connect(self.parcel_model.changed, self.refresh_header)
        connect(self.strip.chosen, self._choose_chip)
        for view in (self.cases, self.sync_page):
            connect(view.left_asked, self._go_back)
            connect(view.changed, self.refresh_header)
            self.scanner.route(view, self._scan_aside)
        connect(self.cases.told, self._tell)
        connect(self.cases_model.changed, self._show_chips)
        for refused in (self.scanner.refused, self.sign_in.refused):
            connect(refused, self._buzz)
        self.scanner.route(self.sign_in, self.sign_in.take_code)
        self.scanner.route(self.queue, self.queue.take_code)
        self.scanner.route(self.parcel, self.parcel.take_code)

    def _give_pages(self) -> QWidget:
        return self.pages

    def _follow_gate(self) -> None:
        self._show_chips()
        self.changed.emit()
        self.cases_model.request_refresh()
        if not self.is_open:
            sheet = top_sheet(self)
            if sheet is not None:
                sheet.cancel()
            self._show_page(self.sign_in)
            self.sign_in.opened()
        elif self.parcel_model.parcel_id and self._parcel_of == self._gate.user_id:
            self._show_page(self.parcel)
            self.parcel.opened()
        else:
            self.parcel_model.close()
            self.station.resume()

    def _resume(self, parcel_id: str) -> None:
        if not self.is_open:
            return
        if parcel_id:
            self._open_parcel(parcel_id)
        else:
            self._open_queue()

    def _open_parcel(self, parcel_id: str) -> None:
        self._parcel_of = self._gate.user_id
        self.parcel_model.open(parcel_id)
        self.station.keep(parcel_id)
        self._show_page(self.parcel)
        self.parcel.opened()

    def _open_queue(self) -> None:
        self.parcel_model.close()
        self.station.let_go()
        self._show_page(self.queue)
        self.queue.opened()

    def _open_next(self) -> None:
        """Straight to the next parcel; to the queue when there is none."""
        self._open_queue()
        self.queue_model.open_next()

    def _show_page(self, page: QWidget) -> None:
        self.pages.show_page(page)
        self.refresh_header()

    def _look_aside(self, page: CasesView | SyncView) -> None:
        """Open a page beside the work, which stays as it is; its own key goes back from it."""
        if not self.is_open or top_sheet(self) is not None:
            return
        if self.pages.current() is page:
            self._go_back()
            return
        self.cases.left()
        self._show_page(page)
        page.opened()

    def _go_back(self) -> None:
        """From a look aside to the parcel on the table, or to the queue."""
        self.cases.left()
        if self.parcel_model.parcel_id:
            self._show_page(self.parcel)
            self.parcel.opened()
        else:
            self._show_page(self.queue)
            self.queue.opened()

    def _scan_aside(self, code: str) -> None:
        """Command barcodes work on every page; goods and orders belong to the work."""
        word = command_of(code) if is_command(code) else None
        if word is Word.BACK:
            self._go_back()
        elif word is Word.NEXT and self.pages.current() is self.cases:
            self.cases.step(1)
        else:
            self._buzz(code)

    def _tell(self, text: str) -> None:
        self.toast(text)

    def _choose_chip(self, chip_id: str) -> None:
        if chip_id == "who":
            self.lock()
        elif chip_id == CASES:
            self.show_cases()
        elif chip_id in {"net", "unsent", ALARM}:
            self.show_sync()

    def _buzz(self, _code: str) -> None:
        self._sounds.play(Sound.REFUSE)

    def _show_chips(self) -> None:
        self.strip.set_chips([chip for chip in self._chips() if chip is not None])
        self.sign_in.show_place(self.station.place_name)

    def _chips(self) -> tuple[Chip | None, ...]:
        name, place = self._gate.user_name, self.station.place_name
        who = Chip("who", "user", name, tip=tr("fulfillment.chip.who", name=name))
        where = Chip("place", "map-pin", place, tip=tr("fulfillment.chip.location"))
        return (
            who if self.is_open else None,
            where if place else None,
            self._net_chip(),
            self._unsent_chip(),
            cases_chip(self.cases_model.count, CASES_KEY) if self.is_open else None,
            alarm_chip(self._sync),
        )

    def _net_chip(self) -> Chip:
        if self._sync.is_online:
            return Chip("net", "wifi", tr("fulfillment.chip.online"))
        since = self._sync.offline_since
        if since is None:
            text = tr("fulfillment.chip.offline.always")
        else:
            text = tr("fulfillment.chip.offline", time=format_time(since))
        tip = tr("fulfillment.chip.offline.tip")
        return Chip("net", "wifi-off", text, Severity.DEGRADED, tip=tip)

    def _unsent_chip(self) -> Chip | None:
        count = self._sync.unsent_count
        if not count:
            return Chip("unsent", "check", tr("fulfillment.chip.sent"))
        text = tr("fulfillment.chip.unsent")
        tip = tr("fulfillment.chip.unsent.tip")
        return Chip("unsent", "cloud-upload", text, count=str(count), tip=tip)
