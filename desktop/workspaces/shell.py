"""Shell: a window around the kit's frame, which it can make anew in another language or theme."""

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.frame import Frame
from desktop.ui.sheet import top_sheet
from desktop.ui.theme import Tone
from desktop.ui.toast import Toast
from shared.kernel.errors import Rejected, Unavailable


class Shell(QWidget):
    """One window; `frame` is the frame in force. It is the program's reporter of errors.

    Signals: `close_asked` (answer with `allow_close`), `failure_reported(error)` for the error log,
    `remade` after a new frame, `restyled` after another theme.
    """

    close_asked = Signal()
    failure_reported = Signal(object)
    remade = Signal()
    restyled = Signal()

    def __init__(self, make_frame: Callable[[], Frame], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make_frame = make_frame
        self._frame: Frame | None = None
        self._may_close = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # Queued: a focus that only moves on is without a place for a moment.
            connect(app.focusChanged, self._keep_focus, Qt.ConnectionType.QueuedConnection)

    @property
    def frame(self) -> Frame:
        """The frame in force; made when it is first asked for."""
        if self._frame is None:
            self._frame = self._made()
        return self._frame

    @property
    def has_frame(self) -> bool:
        """Whether the frame has been made."""
        return self._frame is not None

    def remake(self) -> None:
        """Make the frame with all its screens anew, for example in another language."""
        before, self._frame = self._frame, None
        if before is not None:
            before.hide()
            self._column.removeWidget(before)
            before.deleteLater()
        self._frame = self._made()
        self.remade.emit()

    def use_language(self, language: i18n.Language, zone: tzinfo) -> None:
        """Speak another language from now on, in its direction; unsaved input is lost."""
        i18n.use(language, zone)
        right_to_left = Qt.LayoutDirection.RightToLeft
        way = right_to_left if language.is_right_to_left else Qt.LayoutDirection.LeftToRight
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setLayoutDirection(way)
        self.remake()

    def use_mode(self, name: str) -> theme.Mode:
        """Look "light" or "dark" from now on; anything else is as the system does."""
        app = QApplication.instance()
        now = theme.current()
        if not isinstance(app, QApplication):
            return now.mode
        is_dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        system = theme.Mode.DARK if is_dark else theme.Mode.LIGHT
        mode = theme.Mode(name) if name in set(theme.Mode) else system
        if mode is not now.mode:
            theme.apply(app, replace(now, mode=mode))
        return mode

    # What tasks.Reporter asks for: errors and notes.

    def show_rejected(self, error: Rejected) -> None:
        """Tell what was refused."""
        self.toast(i18n.error_text(error), Tone.DANGER)

    def show_unavailable(self, error: Unavailable) -> None:
        """Tell what is out of reach."""
        self.frame.show_unavailable(error)

    def report_failure(self, error: BaseException) -> None:
        """Tell that something went wrong on our side, and hand the error on."""
        self.toast(i18n.tr("ui.error.reported"), Tone.DANGER)
        self.failure_reported.emit(error)

    def toast(self, text: str, tone: Tone = Tone.OK, action: str = "") -> Toast:
        """Show a note."""
        return self.frame.toasts.show(text, tone, action)

    # Closing.

    def ask_to_close(self) -> None:
        """Ask the program for the end; workspaces may ask the person first."""
        self.close_asked.emit()

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
            self.ask_to_close()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus on to the screen; the window itself has no use for it."""
        super().focusInEvent(event)
        opened = getattr(self.frame.current_screen(), "opened", None)
        if callable(opened):
            opened()

    def changeEvent(self, event: QEvent) -> None:
        """Tell that the theme is another one."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.restyled.emit()

    # -- inside

    def _keep_focus(self) -> None:
        """Whatever had the focus was hidden or disabled: keys must go somewhere."""
        if QApplication.focusWidget() is None and self.isActiveWindow():
            (top_sheet(self) or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _made(self) -> Frame:
        frame = self._make_frame()
        self._column.addWidget(frame)
        connect(frame.failure_reported, self._pass_failure)
        connect(frame.windowTitleChanged, self.setWindowTitle)
        self.setWindowTitle(frame.windowTitle())
        frame.show()
        return frame

    def _pass_failure(self, error: object) -> None:
        self.failure_reported.emit(error)
