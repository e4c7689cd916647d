"""The search line, what it finds, and the bar that says what was not found."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScroller, QWidget

from desktop.ui import i18n, theme
from desktop.ui.badge import BadgeLabel
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Icon, Label, Role
from desktop.ui.search_field import SearchField
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.ui.theme import Tone
from desktop.ui.ticker import Ticker
from desktop.workspaces.kiosk.catalog.rows import HIT_COLUMNS, HitRow
from desktop.workspaces.kiosk.catalog.view_model import FindViewModel

_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -5,
    Qt.Key.Key_PageDown: 5,
}
_MOST_CODES = 3
_BLINK_MS = 110


class TillSearchField(SearchField):
    """A search line that leaves the till its keys: keypad +, chords, and Del while it is empty.

    Signal: `escaped` when somebody goes back one step.
    """

    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Esc, whether or not it has something to clear here."""
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Let those keys go to the till's actions."""
        is_asked = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_asked and self._is_the_tills(event):
            event.ignore()
            return False
        return super().event(event)

    def _is_the_tills(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.modifiers() == chord:
            return True
        if event.key() == Qt.Key.Key_Plus:
            return bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
        return event.key() == Qt.Key.Key_Delete and not self.text()


class FindBar(QWidget):
    """The search line with the quantity that waits for what comes next."""

    def __init__(self, view_model: FindViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.field = TillSearchField(i18n.tr("kiosk.find.placeholder"), keys="F2")
        self._times = BadgeLabel("", Tone.ACCENT, "x")
        self._times.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S2)
        row.addWidget(self._times)
        row.addWidget(self.field, 1)
        connect(self.field.searched, self._on_searched)
        connect(self.field.entered, self._on_entered)
        connect(self.field.stepped, self._on_stepped)
        connect(view_model.taken, self.field.clear)
        connect(view_model.worded, self._on_worded)
        connect(view_model.changed, self._show)

    def _on_searched(self, _text: str, _generation: int) -> None:
        self._view_model.type(self.field.text())
        self._show()

    def _on_worded(self, text: str) -> None:
        if self.field.text() == text:
            self._view_model.type(text)
        else:
            self.field.setText(text)

    def _on_entered(self, _text: str) -> None:
        self._view_model.enter()

    def _on_stepped(self, key: int) -> None:
        self._view_model.step(_STEPS[Qt.Key(key)])

    def _show(self) -> None:
        times = self._view_model.times
        self._times.setVisible(times is not None)
        if times is not None:
            words = i18n.tr("kiosk.find.times", times=i18n.format_number(times))
            self._times.set_badge(words, Tone.ACCENT, "layers")


class HitList(TableView):
    """What the search found. Signal: `chosen(HitRow)` when a row is tapped."""

    chosen = Signal(object)

    def __init__(self, view_model: FindViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(TableModel(HIT_COLUMNS), name=i18n.tr("kiosk.find.hits"), parent=parent)
        self.rows_model().setParent(self)
        self._view_model = view_model
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.set_empty(
            "package-search", i18n.tr("kiosk.find.empty"), i18n.tr("kiosk.find.empty.text")
        )
        connect(view_model.changed, self._show)
        connect(self.clicked, self._on_clicked)
        connect(self.activated_row, self._choose)

    def _show(self) -> None:
        self.rows_model().set_rows(self._view_model.hits)
        marked = self._view_model.marked_hit_id
        if marked:
            self.select_key(marked)
        elif self._view_model.hits:
            self.select_first()

    def _on_clicked(self, _index: object) -> None:
        row = self.current()
        if row is not None:
            self._choose(row)

    def _choose(self, row: object) -> None:
        if isinstance(row, HitRow):
            self.chosen.emit(row)


class NoticeBar(QFrame):
    """One message with up to two ways on. Signals: `first`, `second`, `dismissed`."""

    first = Signal()
    second = Signal()
    dismissed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tone = Tone.WARN
        self._blink = Ticker(_BLINK_MS, self)
        connect(self._blink.ticked, self._lighten)
        self._icon = Icon("triangle-alert", "warn")
        self._text = Label("", Role.LABEL, wraps=True)
        self._first = Button("", small=True)
        self._second = Button("", small=True)
        self._close = Button("", "x", look=Look.GHOST, small=True, name=i18n.tr("ui.close"))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S1, theme.S1, theme.S1)
        row.setSpacing(theme.S2)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        for button in (self._first, self._second, self._close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self.hide()
        connect(self._first.clicked, self._on_first)
        connect(self._second.clicked, self._on_second)
        connect(self._close.clicked, self._on_close)

    def tell(self, text: str, *, first: str = "", second: str = "", tone: Tone = Tone.WARN) -> None:
        """Show a message; empty words leave a button out.

        What is refused is loud: not every till has a sound.
        """
        is_loud = tone is Tone.DANGER
        self._tone = tone
        self._show_ground(tone, is_loud=is_loud and not self._blink.is_running)
        self._icon.set_icon(
            "octagon-alert" if is_loud else "triangle-alert",
            "on_accent" if is_loud else tone.value,
        )
        self._close.set_look(Look.PLAIN if is_loud else Look.GHOST)
        self._text.setText(text)
        for button, words in ((self._first, first), (self._second, second)):
            button.setText(words)
            button.setAccessibleName(words)
            button.setVisible(bool(words))
        self.setAccessibleName(text)
        self.show()

    def blink(self) -> None:
        """Say what is refused once more, for the eye."""
        if self._tone is Tone.DANGER and self.text():
            self._show_ground(self._tone, is_loud=False)
            self._blink.start()

    def _lighten(self) -> None:
        self._blink.stop()
        self._show_ground(self._tone, is_loud=self._tone is Tone.DANGER)

    def _show_ground(self, tone: Tone, *, is_loud: bool) -> None:
        colours = theme.tone_colours(tone)
        ground, ink = (colours.solid, "#ffffff") if is_loud else (colours.soft, colours.text)
        size = (
            theme.current().density.type.heading if is_loud else theme.current().density.type.base
        )
        radius = theme.current().density.radius_card
        self.setStyleSheet(f"NoticeBar {{ background: {ground}; border-radius: {radius}px; }}")
        self._text.setStyleSheet(f"color: {ink}; font-size: {size}px;")

    def text(self) -> str:
        """Give the message shown, or nothing."""
        return "" if self.isHidden() else self._text.text()

    def _on_first(self) -> None:
        self.first.emit()

    def _on_second(self) -> None:
        self.second.emit()

    def _on_close(self) -> None:
        self.hide()
        self.dismissed.emit()


def codes_text(codes: tuple[str, ...]) -> str:
    """Write a few codes out, and count the rest."""
    shown = ", ".join(codes[:_MOST_CODES])
    more = len(codes) - _MOST_CODES
    return shown if more <= 0 else i18n.tr("kiosk.find.and_more", codes=shown, count=more)
