"""The cashier's window: decides which screen is due, and sends every scan where it belongs."""

import asyncio

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop.ui import i18n, tasks
from desktop.ui.actions import ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.frame import Frame, FrameSpec
from desktop.ui.idle import Idle
from desktop.ui.navigation import ScreenSpec
from desktop.ui.sheet import top_sheet
from desktop.ui.theme import Tone
from desktop.workspaces.cases.chips import CASES
from desktop.workspaces.cases.view import CasesView
from desktop.workspaces.cases.words import case_text
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk import keys
from desktop.workspaces.kiosk.approval.rows import settling_asked
from desktop.workspaces.kiosk.approval.view import approved_by
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.ports import Outside
from desktop.workspaces.kiosk.refund.view import RefundView
from desktop.workspaces.kiosk.selling.view import TillView
from desktop.workspaces.kiosk.shift.view import ClosingView, OpeningView
from desktop.workspaces.kiosk.sign_in.view import SignInView
from desktop.workspaces.kiosk.tender.view_model import GUARD_MS
from desktop.workspaces.sync.chips import ALARM
from desktop.workspaces.sync.view import SyncView
from shared.inbox.tables import CaseRow
from shared.kernel.ids import UserId

IDLE_MS = 180_000
_SIGN_IN, _OPENING, _TILL, _REFUND, _CLOSING = "sign_in", "opening", "till", "refund", "closing"
_CASES, _SYNC = "cases", "sync"
_ASIDE = frozenset({_CASES, _SYNC})
"""What is looked at between two sales, or before the shift; the sale stays as it is."""
_CHIPS = {CASES: _CASES, ALARM: _SYNC, "network": _SYNC, "unsent": _SYNC}
_ICONS = {
    _SIGN_IN: "user",
    _OPENING: "vault",
    _TILL: "shopping-cart",
    _REFUND: "undo-2",
    _CLOSING: "log-out",
    _CASES: "inbox",
    _SYNC: "cloud",
}


class KioskWindow(Frame):
    """The whole workspace. `start()` loads it; it then follows sign-in and shift by itself."""

    def __init__(
        self,
        desk: Desk,
        outside: Outside,
        *,
        idle_ms: int = IDLE_MS,
        guard_ms: int = GUARD_MS,
    ) -> None:
        factories = {
            _SIGN_IN: self._make_sign_in,
            _OPENING: self._make_opening,
            _TILL: self._make_till,
            _REFUND: self._make_refund,
            _CLOSING: self._make_closing,
            _CASES: self._make_cases,
            _SYNC: self._make_sync,
        }
        screens = [
            ScreenSpec(
                id=name, title_key=f"kiosk.{name}", icon=_ICONS[name], factory=factories[name]
            )
            for name in factories
        ]
        super().__init__(FrameSpec(brand="", screens=screens, has_rail=False, has_header=False))
        self._outside = outside
        self.counter = Counter(desk, outside, parent=self, guard_ms=guard_ms)
        app = QCoreApplication.instance()
        self._idle = Idle(app, idle_ms, self) if app is not None else None
        self.window_actions = ActionSet(keys.WINDOW, target=self, widget=self)
        self._follow()

    def _follow(self) -> None:
        counter = self.counter
        connect(counter.gate.changed, self.route)
        connect(counter.till.changed, self.route)
        connect(counter.shift.changed, self.route)
        connect(counter.status.changed, self._show_status)
        connect(self.strip.chosen, self._choose_chip)
        connect(self._outside.scanner.refused, self._on_refused_scan)
        if self._idle is not None:
            connect(self._idle.idled, self.lock)

    def start(self) -> None:
        """Load, then show what is due: sign-in, opening, or the cart as it was left."""
        tasks.spawn(self, self._load())

    async def _load(self) -> None:
        await self.counter.load()
        self.route()
        # While the first person reads the names: no key has to wait for a screen to be made.
        for screen_id in (_TILL, _OPENING, _CLOSING, _REFUND, _CASES, _SYNC):
            await asyncio.sleep(0)
            self.polish_screen(screen_id)

    # -- which screen

    def route(self) -> None:
        """Show the screen that is due."""
        counter = self.counter
        self._show_status()
        self.window_actions.refresh()
        if counter.till.state is None:
            return
        due = self._due()
        is_busy = due == _TILL and self._open_id in {_REFUND, _CLOSING}
        is_aside = due in {_TILL, _OPENING} and self._open_id in _ASIDE
        if not (is_busy or is_aside):
            self._go(due)
        if self._idle is not None:
            (self._idle.turn_off if counter.gate.user_id is None else self._idle.turn_on)()

    def _due(self) -> str:
        """The screen that stands here while nobody looks at anything else."""
        counter = self.counter
        if counter.gate.user_id is None:
            return _SIGN_IN
        if counter.shift.is_closed:
            return _CLOSING
        return _OPENING if counter.till.shift is None else _TILL

    def _go(self, screen_id: str) -> None:
        if screen_id != self._open_id:
            self.close_sheets()
            self.open_screen(screen_id)

    def close_sheets(self) -> None:
        """Let go of every open question: whoever was asked is gone."""
        while (sheet := top_sheet(self)) is not None:
            sheet.cancel()

    # -- screens

    def _make_sign_in(self) -> SignInView:
        view = SignInView(self.counter.sign_in)
        connect(view.refused, self._refuse_unseen)
        self._outside.scanner.route(view, view.take_code)
        return view

    def _make_opening(self) -> OpeningView:
        return OpeningView(self.counter.shift)

    def _make_till(self) -> TillView:
        sounds = self._outside.sounds
        view = TillView(self.counter, sounds=sounds, window_actions=self.window_actions)
        connect(view.refund_asked, self._begin_refund)
        connect(view.closing_asked, self._begin_closing)
        connect(view.told, self._tell)
        # A note never lies on the total or on PAY.
        self.toasts.stand_over(view.stage)
        self._outside.scanner.route(view, view.scan)
        connect(self._outside.scanner.held, view.peek)
        return view

    def _make_refund(self) -> RefundView:
        view = RefundView(self.counter.refund, desk=self.counter.desk, gate=self.counter.gate)
        connect(view.left_asked, self._back_to_till)
        connect(view.show_asked, self._show_refund_receipt)
        self._outside.scanner.route(view, view.scan)
        return view

    def _make_closing(self) -> ClosingView:
        view = ClosingView(
            self.counter.shift,
            receipts=self.counter.receipts,
            sync_status=self.counter.sync_status,
        )
        connect(view.left_asked, self._back_to_till)
        connect(view.finished, self._finish_closing)
        return view

    def _make_cases(self) -> CasesView:
        view = CasesView(self.counter.cases, approve=self._approve_settling)
        connect(view.left_asked, self._go_back)
        connect(view.told, self._tell)
        self._outside.scanner.route(view, self._scan_on)
        return view

    def _make_sync(self) -> SyncView:
        view = SyncView(self.counter.standing)
        connect(view.left_asked, self._go_back)
        self._outside.scanner.route(view, self._scan_on)
        return view

    async def _approve_settling(
        self, anchor: QWidget, case: CaseRow, settled_as: str
    ) -> UserId | None:
        asked = settling_asked(case_text(case), settled_as)
        return await approved_by(anchor, asked, desk=self.counter.desk, gate=self.counter.gate)

    def live_actions(self) -> list[LiveAction]:
        """Give everything that keys do on the screen in sight."""
        own = [live for live in super().live_actions() if live.action.keys]
        own = [*self.window_actions.live(), *own]
        screen = self.current_screen()
        first = screen.live_actions() if isinstance(screen, TillView) else []
        return [*first, *(live for live in own if not live.action.id.startswith("frame.open."))]

    # -- what happens

    @property
    def can_lock(self) -> bool:
        """Whether somebody works here."""
        return self.counter.gate.user_id is not None

    def lock(self) -> None:
        """Let nobody work here until a PIN is given; the cart stays."""
        if self.can_lock:
            self.counter.gate.lock()

    @property
    def can_look_aside(self) -> bool:
        """Whether the cases and the server's page may be opened now: nothing is half done."""
        is_between = self._open_id in {_TILL, _OPENING, *_ASIDE}
        is_free = self.counter.carts.stage is not Stage.SUBMITTING
        return self.can_lock and is_between and is_free

    def cases(self) -> None:
        """Show the cases, or go back from them."""
        self._look_aside(_CASES)

    def sync(self) -> None:
        """Show how this device stands to its server, or go back from that."""
        self._look_aside(_SYNC)

    def _look_aside(self, screen_id: str) -> None:
        if self.can_look_aside and top_sheet(self) is None:
            self._go(self._due() if self._open_id == screen_id else screen_id)

    def _choose_chip(self, chip_id: str) -> None:
        if chip_id in _CHIPS:
            self._look_aside(_CHIPS[chip_id])

    def _go_back(self) -> None:
        """From a look aside to what is due."""
        self._go(self._due())

    def _scan_on(self, code: str) -> None:
        """Whoever scans while they look aside goes on selling."""
        self._go_back()
        screen = self.current_screen()
        if isinstance(screen, TillView):
            screen.scan(code)
        else:
            self.toast(i18n.tr("kiosk.scan.refused", code=code), Tone.WARN)

    def _begin_refund(self) -> None:
        self._go(_REFUND)

    def _begin_closing(self) -> None:
        self._go(_CLOSING)

    def _back_to_till(self) -> None:
        self._go(_TILL)

    def _finish_closing(self) -> None:
        """The Z report was read: the next person signs in for the next shift."""
        self.counter.shift.forget_report()
        self.counter.gate.lock()

    def _show_refund_receipt(self) -> None:
        till = self._made.get(_TILL)
        receipt = self.counter.refund.done
        if isinstance(till, TillView) and receipt is not None:
            till.show_receipt(receipt)

    def _tell(self, text: str) -> None:
        self.toast(text, Tone.OK)

    def _show_status(self) -> None:
        self.strip.set_chips(self.counter.status.chips())

    def _on_refused_scan(self, code: str) -> None:
        """Keep what was scanned while a question was open; say so where nobody is signed in."""
        is_selling = self._open_id == _TILL and self.counter.carts.stage is not Stage.SUBMITTING
        if self.counter.gate.user_id is not None and is_selling:
            self.counter.find.set_aside(code)
        elif self.counter.gate.user_id is not None:
            self.toast(i18n.tr("kiosk.scan.refused", code=code), Tone.WARN)
        else:
            self._refuse_unseen()

    def _refuse_unseen(self) -> None:
        """Nobody is signed in: what was scanned may be a secret, so it is never shown."""
        self.toast(i18n.tr("kiosk.scan.nobody"), Tone.WARN)
