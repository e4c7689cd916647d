"""Frame: the window around all screens: rail, header, banner, content, status strip, notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import i18n, theme
from desktop.ui.actions import Action, ActionSet, LiveAction, check_keys, everything_allowed
from desktop.ui.banner import Banner
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.help_overlay import HelpSheet
from desktop.ui.label import Label, Role
from desktop.ui.navigation import NavigationRail, ScreenSpec
from desktop.ui.palette import PaletteSheet
from desktop.ui.sheet import top_sheet
from desktop.ui.status_strip import StatusStrip
from desktop.ui.theme import Mode, Tone
from desktop.ui.toast import Toast, Toasts
from shared.kernel.errors import Bug, Rejected, Unavailable

FRAME_ACTIONS = (
    Action(
        id="frame.palette",
        text_key="ui.palette",
        intent="open_palette",
        icon="command",
        keys=("Ctrl+K",),
        group_key="ui.actions.group.window",
    ),
    Action(
        id="frame.help",
        text_key="ui.help",
        intent="open_help",
        icon="keyboard",
        keys=("F1",),
        group_key="ui.actions.group.window",
    ),
    Action(
        id="frame.mode",
        text_key="ui.mode.switch",
        intent="switch_mode",
        icon="moon",
        keys=("Ctrl+Shift+L",),
        group_key="ui.actions.group.window",
    ),
)


class _Opener(QObject):
    """Target of the action that opens one screen."""

    def __init__(self, frame: "Frame", screen_id: str) -> None:
        super().__init__(frame)
        self._frame = frame
        self._screen_id = screen_id

    def open(self) -> None:
        """Open the screen."""
        self._frame.open_screen(self._screen_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSpec:
    """What a workspace's window is made of.

    `actions` are the workspace's own that work on every screen; their intents are `target`'s.
    `title` is the workspace's name, said in the window's title after the screen's.
    """

    brand: str
    screens: Sequence[ScreenSpec]
    allowed: Callable[[str], bool] = everything_allowed
    has_rail: bool = True
    has_header: bool = True
    actions: Sequence[Action] = ()
    target: QObject | None = None
    title: str = ""


class Frame(QWidget):
    """The window. It knows no screen by name; it is also the program's reporter of errors.

    A screen may have: `title()` -> str, `actions_set: ActionSet`, `header_parts()` -> widgets
    for the header, `opened()`, `left()`, and a signal `retitled`. Signals: `screen_changed(id)`,
    `close_asked`, and `failure_reported(error)` for the desktop's error log.
    """

    screen_changed = Signal(str)
    close_asked = Signal()
    failure_reported = Signal(object)

    def __init__(self, spec: FrameSpec, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._screens = {
            screen.id: screen
            for screen in spec.screens
            if not screen.permission or spec.allowed(screen.permission)
        }
        self._made: dict[str, QWidget] = {}
        self._open_id = ""
        self._may_close = False
        self.rail = NavigationRail(list(self._screens.values()), spec.brand)
        # Only hidden: what is told to show before it has a parent is a window of its own.
        if not spec.has_rail:
            self.rail.hide()
        self.banner = Banner()
        self.banner.setProperty("flush", "true")
        self.strip = StatusStrip()
        self._title = Label("", Role.TITLE)
        self._parts = QHBoxLayout()
        self._parts.setSpacing(theme.S2)
        self._stack = QStackedWidget()
        self._lay(has_header=spec.has_header)
        self.toasts = Toasts(self, above=self.strip)
        self.actions_set = ActionSet(FRAME_ACTIONS, target=self, widget=self)
        self._named = spec.title
        self._own = ActionSet(
            spec.actions, target=spec.target or self, widget=self, allowed=spec.allowed
        )
        self._openers = self._open_actions()
        self._foot()
        connect(self.rail.chosen, self.open_screen)

    # -- screens

    def open_screen(self, screen_id: str) -> QWidget:
        """Show a screen, making it if this is the first time; raises Bug for an unknown one."""
        screen = self.make_screen(screen_id)
        before = self.current_screen()
        if before is not None and screen_id != self._open_id:
            _call(before, "left")
        self._open_id = screen_id
        self._stack.setCurrentWidget(screen)
        self.rail.mark(screen_id)
        self.refresh_header()
        _call(screen, "opened")
        self._focus(screen)
        self.screen_changed.emit(screen_id)
        return screen

    def make_screen(self, screen_id: str) -> QWidget:
        """Make a screen ahead of its first opening; raises Bug for an unknown one."""
        if screen_id not in self._screens:
            raise Bug(f"there is no screen {screen_id!r}")
        if screen_id not in self._made:
            made = self._screens[screen_id].factory()
            actions = getattr(made, "actions_set", None)
            if isinstance(actions, ActionSet):
                check_keys(self._own_actions(), [live.action for live in actions.live()])
            retitled = getattr(made, "retitled", None)
            if isinstance(retitled, SignalInstance):
                connect(retitled, self.refresh_header)
            self._made[screen_id] = made
            self._stack.addWidget(made)
        return self._made[screen_id]

    def polish_screen(self, screen_id: str) -> None:
        """Make a screen and dress it ahead of its first opening, so that it opens at once."""
        for widget in self.make_screen(screen_id).findChildren(QWidget):
            widget.ensurePolished()

    def current_screen(self) -> QWidget | None:
        """Give the screen that is shown."""
        return self._made.get(self._open_id)

    def refresh_header(self) -> None:
        """Ask the screen for its title and header parts again."""
        screen = self.current_screen()
        if screen is None:
            return
        title = getattr(screen, "title", None)
        words = title() if callable(title) else i18n.tr(self._screens[self._open_id].title_key)
        self._title.setText(words)
        # The system's list of windows tells this one from those of other workspaces.
        self.setWindowTitle(" – ".join(part for part in (words, self._named) if part))
        while (part := self._parts.takeAt(0)) is not None:
            widget = part.widget()
            if widget is not None:
                widget.setParent(screen)
                widget.hide()
        for widget in _call(screen, "header_parts") or ():
            self._parts.addWidget(widget)
            widget.show()

    # -- errors and notes, as a reporter of tasks

    def show_rejected(self, error: Rejected) -> None:
        """Tell what was refused."""
        self.toasts.show(i18n.error_text(error), Tone.DANGER)

    def show_unavailable(self, error: Unavailable) -> None:
        """Tell what is out of reach."""
        self.banner.show_message(f"unavailable.{error.code}", i18n.error_text(error), Tone.WARN)

    def report_failure(self, error: BaseException) -> None:
        """Tell that something went wrong on our side, and hand the error on."""
        self.toasts.show(i18n.tr("ui.error.reported"), Tone.DANGER)
        self.failure_reported.emit(error)

    def toast(self, text: str, tone: Tone = Tone.OK, action: str = "") -> Toast:
        """Show a note."""
        return self.toasts.show(text, tone, action)

    # -- actions

    def live_actions(self) -> list[LiveAction]:
        """Give everything that can be asked for now: the screen's, then the window's."""
        own = getattr(self.current_screen(), "actions_set", None)
        first = own.live() if isinstance(own, ActionSet) else []
        return [*first, *self._openers, *self._own.live(), *self.actions_set.live()]

    def open_palette(self) -> None:
        """Open the command palette."""
        if top_sheet(self) is None:
            PaletteSheet(self, self.live_actions()).open()

    def open_help(self) -> None:
        """Open the overlay with all keys."""
        if top_sheet(self) is None:
            HelpSheet(self, self.live_actions()).open()

    def switch_mode(self) -> None:
        """Change between light and dark."""
        now = theme.current()
        other = Mode.LIGHT if now.mode is Mode.DARK else Mode.DARK
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, replace(now, mode=other))

    # -- closing

    def allow_close(self) -> None:
        """Let the next close go through; the program has put everything away."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the program first; it answers with `allow_close`."""
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Show the icon of the other mode."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "_mode_button"):
            self._mode_button.set_icon(_mode_icon())

    # -- inside

    def _focus(self, screen: QWidget) -> None:
        """Set the focus into a screen that has not done so itself."""
        focused = QApplication.focusWidget()
        if focused is not None and (
            screen.isAncestorOf(focused) or self._header.isAncestorOf(focused)
        ):
            return
        child = screen.nextInFocusChain()
        while child and screen.isAncestorOf(child):
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(screen):
                child.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            child = child.nextInFocusChain()

    def _lay(self, *, has_header: bool) -> None:
        header = self._header = QFrame()
        header.setProperty("role", "header")
        density = theme.current().density
        header.setFixedHeight(density.control + 2 * theme.S3)
        line = QHBoxLayout(header)
        line.setContentsMargins(theme.S6, 0, theme.S4, 0)
        line.setSpacing(theme.S3)
        line.addWidget(self._title)
        line.addStretch()
        line.addLayout(self._parts)
        if not has_header:
            header.hide()
        content = QWidget()
        content.setProperty("role", "content")
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.rail)
        side = QFrame()
        side.setProperty("role", "vline")
        if self.rail.isHidden():
            side.hide()
        across.addWidget(side)
        across.addWidget(content, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(across, 1)
        outer.addWidget(self.strip)

    def _foot(self) -> None:
        self._mode_button = Button(
            "", _mode_icon(), look=Look.GHOST, name=i18n.tr("ui.mode.switch")
        )
        connect(self._mode_button.clicked, self.switch_mode)
        side = Qt.AlignmentFlag.AlignLeft if theme.is_wide() else Qt.AlignmentFlag.AlignHCenter
        self.rail.foot.addWidget(self._mode_button, 0, side)

    def _open_actions(self) -> list[LiveAction]:
        openers: list[LiveAction] = []
        for screen in self._screens.values():
            action = Action(
                id=f"frame.open.{screen.id}",
                text_key=screen.title_key,
                intent="open",
                icon=screen.icon,
                keys=(screen.keys,) if screen.keys else (),
                group_key="ui.actions.group.go",
            )
            live = LiveAction(action, _Opener(self, screen.id), self)
            self.addAction(live)
            openers.append(live)
        check_keys(FRAME_ACTIONS, [live.action for live in openers])
        return openers

    def _own_actions(self) -> list[Action]:
        own = (live.action for live in (*self._openers, *self._own.live()))
        return [*FRAME_ACTIONS, *own]


def _call(screen: QWidget, name: str) -> Sequence[QWidget] | None:
    method = getattr(screen, name, None)
    result: Sequence[QWidget] | None = method() if callable(method) else None
    return result


def _mode_icon() -> str:
    return "sun" if theme.current().mode is Mode.DARK else "moon"
