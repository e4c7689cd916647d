"""A counter to sell at: the till on real files, with or without its window."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop.session import pin_hash
from desktop.ui import theme
from desktop.ui.scanner import Scanner
from desktop.ui.sheet import Sheet, top_sheet
from desktop.ui.sounds import Sounds
from desktop.workspaces.desk import Desk
from desktop.workspaces.gate import StaffGate
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.ports import Outside
from desktop.workspaces.kiosk.selling.view import TillView
from desktop.workspaces.kiosk.window import KioskWindow
from shared.kernel.ids import UserId, new_id
from shared.kernel.permissions import Role
from shared.organization.commands import AddUser
from shared.pos.queries import recent_receipts
from shared.pos.tables import ReceiptRow
from tests.desktop.workspaces.kiosk.fakes import PaperTrail, Shelf
from tests.desktop.workspaces.surroundings import FarServer, MadeHere
from tests.support.desk import OpenDesk, ShopOnDevice
from tests.support.qt_loop import UiLoop
from tests.support.shop import Shop

T = TypeVar("T")
KEYPAD = Qt.KeyboardModifier.KeypadModifier


class AtCounter:
    """One run of the till's parts, without window."""

    def __init__(self, ui: UiLoop, device: ShopOnDevice, outside: "Doubles") -> None:
        self.ui = ui
        self.device = device
        self.opened = outside.opened
        self.gate = outside.gate
        self.printer = outside.printer
        self.server = outside.server
        self.shelf = outside.shelf
        self.scanner = outside.scanner
        self.time = outside.time
        self.made_here = outside.made_here
        self.counter = self.make(outside)

    def make(self, outside: "Doubles") -> Counter:
        """Start the till's parts."""
        return Counter(outside.desk, outside.whole, guard_ms=outside.guard_ms)

    async def ready(self, float_amount: int = 10_000, *, user_id: UserId | None = None) -> None:
        """Sign in, load the till with its cart, and open a shift where none is open."""
        await self.gate.sign_in(user_id or self.device.shop.owner_id, "")
        await self.counter.load()
        if self.counter.till.shift is None:
            self.counter.shift.open(float_amount)
            await self.ui.settle()

    async def scan(self, *codes: str) -> None:
        """Scan codes one after the other and wait until all are lines."""
        for code in codes:
            self.counter.find.scan(code)
        await self.ui.settle()

    async def paid(self) -> None:
        """Wait until the sale is done and its receipt printed."""
        await self.ui.settle()
        assert self.counter.carts.stage is Stage.PAID, self.ui.reporter.rejected

    async def sell_for_cash(self, *codes: str, given_amount: int | None = None) -> None:
        """A whole cash sale."""
        await self.scan(*codes)
        if given_amount is None:
            self.counter.tender.exact_cash()
        else:
            self.counter.tender.start()
            self.counter.tender.cash(given_amount)
        await self.paid()


class AtWindow(AtCounter):
    """One run of the whole window."""

    def make(self, outside: "Doubles") -> Counter:
        """Start the window with all parts."""
        self.window = KioskWindow(outside.desk, outside.whole, guard_ms=outside.guard_ms)
        return self.window.counter

    async def begin(self, width: int = 1280, height: int = 720) -> None:
        """Show the window and wait for its first screen."""
        self.ui.show(self.window, width, height)
        self.window.start()
        await self.ui.settle()

    async def selling(self) -> None:
        """Be at the till with an open shift."""
        await self.begin()
        await self.gate.sign_in(self.device.shop.owner_id, "")
        await self.ui.settle()
        if self.counter.till.shift is None:
            self.counter.shift.open(10_000)
            await self.ui.settle()

    def focused(self) -> QWidget:
        """The widget that keys go to."""
        return QApplication.focusWidget() or self.window

    def press(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Press a key where the focus is, as slowly as people do."""
        self.time.pass_ms(150)
        QTest.keyClick(self.focused(), key, modifiers)

    def digits(self, text: str) -> None:
        """Type digits on the keypad, as a cashier does."""
        for digit in text:
            self.press(Qt.Key(Qt.Key.Key_0 + int(digit)), KEYPAD)

    def shoot(self, code: str) -> None:
        """Let a keyboard wedge send a code with its Enter."""
        self.time.pass_ms(150)
        for letter in code:
            self.time.pass_ms(8)
            _send(self.focused(), Qt.Key(ord(letter.upper())), letter)
        _send(self.focused(), Qt.Key.Key_Return, "\r")

    def dash(self, text: str) -> None:
        """Let letters come as quickly as a machine sends them, without Enter, and then pause."""
        self.time.pass_ms(150)
        for letter in text:
            self.time.pass_ms(12)
            _send(self.focused(), Qt.Key(ord(letter.upper())), letter)
        self.time.pass_ms(400)
        self.scanner.expire()

    def sheet(self) -> Sheet | None:
        """The sheet that is open, if one is."""
        return top_sheet(self.window)

    async def sheet_open(self) -> Sheet:
        """Wait for a sheet."""
        await self.ui.until(self.sheet)
        found = self.sheet()
        assert found is not None
        await self.ui.turn(2)
        return found

    def screen(self) -> str:
        """The name of the screen in sight."""
        return type(self.window.current_screen()).__name__


def _send(target: QWidget, key: Qt.Key, text: str) -> None:
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
        QApplication.sendEvent(target, event)


class ScanTime:
    """The time in which keys come, for the scanner: it passes when keys are pressed."""

    def __init__(self) -> None:
        self._now = 0

    def now(self) -> int:
        """Milliseconds since the start."""
        return self._now

    def pass_ms(self, count: int) -> None:
        """Let time pass."""
        self._now += count


@dataclass
class Doubles:
    """Everything around the till, as tests have it."""

    opened: OpenDesk
    gate: StaffGate
    printer: PaperTrail
    server: FarServer
    shelf: Shelf
    scanner: Scanner
    time: ScanTime
    guard_ms: int
    made_here: MadeHere

    @property
    def desk(self) -> Desk:
        """The desk of whoever signs in."""
        return replace(self.opened.desk, session=self.gate)

    @property
    def whole(self) -> Outside:
        """All of it."""
        return Outside(
            gate=self.gate,
            printer=self.printer,
            sync_status=self.server,
            scanner=self.scanner,
            sounds=Sounds(is_on=False),
            papers=self.shelf,
            sent=self.made_here,
        )


@contextmanager
def doubles(device: ShopOnDevice, guard_ms: int) -> Iterator[Doubles]:
    """Open a device on its files; its threads end with the block."""
    opened = device.open()
    app = QApplication.instance()
    assert app is not None
    time = ScanTime()
    scanner = Scanner(app, sounds=Sounds(is_on=False), now_ms=time.now)
    try:
        yield Doubles(
            opened=opened,
            gate=StaffGate(opened.work, device.clock),
            printer=PaperTrail(),
            server=FarServer(),
            shelf=Shelf(),
            scanner=scanner,
            time=time,
            guard_ms=guard_ms,
            made_here=MadeHere(),
        )
    finally:
        scanner.close()
        opened.close()


Story = Callable[[AtCounter], Coroutine[object, object, T]]
WindowStory = Callable[[AtWindow], Coroutine[object, object, T]]


class CounterMaker:
    """Runs stories at a counter, again and again on the same files."""

    def __init__(self, ui: UiLoop, folder: Path, *, guard_ms: int = 0) -> None:
        self.ui = ui
        self.folder = folder
        self.guard_ms = guard_ms
        self.device = ShopOnDevice(folder / "till")

    @contextmanager
    def seeding(self) -> Iterator[Shop]:
        """The shop behind the counter."""
        with self.device.seeding() as shop:
            yield shop

    def play(self, story: Story[T], device: ShopOnDevice | None = None) -> T:
        """Start the till without window, run a story to its end, and shut it down."""
        used = device or self.device
        with doubles(used, self.guard_ms) as outside:
            at = AtCounter(self.ui, used, outside)
            try:
                return self.ui.run(story(at), patience_s=90)
            finally:
                # Its timers must end in this thread, whichever thread collects garbage.
                at.counter.deleteLater()
                self.ui.run(self.ui.turn(2))

    def show(self, story: WindowStory[T], device: ShopOnDevice | None = None) -> T:
        """Start the whole till, run a story to its end, and shut it down."""
        used = device or self.device
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.Theme(theme.Mode.LIGHT, theme.TILL))
        with doubles(used, self.guard_ms) as outside:
            at = AtWindow(self.ui, used, outside)
            try:
                return self.ui.run(story(at), patience_s=90)
            finally:
                at.window.allow_close()
                at.window.deleteLater()
                self.ui.run(self.ui.turn(2))


def add_staff(shop: Shop, name: str, *, role: Role, pin: str) -> UserId:
    """Somebody who signs in with a PIN."""
    user_id = UserId(new_id())
    shop.do(AddUser(user_id=user_id, name=name, role=role, pin_hash=pin_hash(pin)))
    return user_id


def till_of(at: AtWindow) -> TillView:
    """The till, which is in sight."""
    view = at.window.current_screen()
    assert isinstance(view, TillView)
    return view


def stage_of(at: AtCounter) -> Stage:
    """Where the open sale stands now."""
    return at.counter.carts.stage


async def receipts_of(at: AtCounter) -> tuple[ReceiptRow, ...]:
    """The receipts of this till, latest first."""
    return await at.counter.desk.fetch(recent_receipts, at.counter.till.register_id)


def tap(widget: QWidget) -> None:
    """Touch a widget in its middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def button_in(root: QWidget, name: str) -> QAbstractButton:
    """The visible button whose name begins so."""
    found = [
        button
        for button in root.findChildren(QAbstractButton)
        if button.accessibleName().startswith(name) and button.isVisible()
    ]
    assert found, f"no button {name!r}"
    return found[-1]
