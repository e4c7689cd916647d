"""Choosing who works here, and the PIN."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import fonts, i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.empty_state import EmptyState
from desktop.ui.images import initials
from desktop.ui.label import Label, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.theme import Tone
from desktop.workspaces.kiosk.sign_in.view_model import SignInViewModel
from shared.organization.tables import UserRow

_COLUMNS = 3
_PIN_LENGTH = 12
_ARTICLE_DIGITS = 8
"""Codes on articles have so many digits or more, so fewer in one burst are a PIN."""
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -_COLUMNS,
    Qt.Key.Key_Down: _COLUMNS,
}


class PersonButton(QAbstractButton):
    """A member of the staff. Signals: `chosen(user_id)`, `stepped(key)`."""

    chosen = Signal(str)
    stepped = Signal(int)

    def __init__(self, user: UserRow, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.user = user
        self._role = i18n.tr(f"kiosk.role.{user.role.value}")
        self.setAccessibleName(f"{user.name}, {self._role}")
        self.setToolTip(user.name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        connect(self.clicked, self._choose)

    def sizeHint(self) -> QSize:
        return QSize(250, 108)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the neighbours, Enter chooses."""
        if event.key() in _STEPS:
            self.stepped.emit(int(event.key()))
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Light up under the pointer."""
        if event.type() in {QEvent.Type.HoverEnter, QEvent.Type.HoverLeave}:
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = "sunken" if self.isDown() else ("hover" if self.underMouse() else "surface")
        painter.setBrush(theme.colour(ground))
        painter.setPen(theme.pen("focus", 2) if self.hasFocus() else theme.pen("line_strong"))
        painter.drawRoundedRect(box, 12, 12)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = 60.0
        left = box.right() - 18 - side if is_mirrored else box.left() + 18
        self._paint_face(painter, QRectF(left, box.center().y() - side / 2, side, side))
        taken = side + 34
        words = box.adjusted(14, 0, -taken, 0) if is_mirrored else box.adjusted(taken, 0, -14, 0)
        self._paint_words(painter, words)
        painter.end()

    def _paint_face(self, painter: QPainter, box: QRectF) -> None:
        colours = theme.tone_colours(Tone.ACCENT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.soft))
        painter.drawEllipse(box)
        painter.setPen(QColor(colours.text))
        painter.setFont(fonts.text_font(22, fonts.MEDIUM))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(self.user.name))

    def _paint_words(self, painter: QPainter, box: QRectF) -> None:
        size = theme.current().density.type
        font = theme.heading_font(size.heading)
        # Where a line begins is the painter's matter: right in Arabic.
        side = Qt.AlignmentFlag.AlignLeading
        middle = box.center().y()
        name = QFontMetricsF(font).elidedText(
            self.user.name, Qt.TextElideMode.ElideMiddle, box.width()
        )
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        top = QRectF(box.left(), middle - 28, box.width(), 30)
        painter.drawText(top, int(side | Qt.AlignmentFlag.AlignVCenter), name)
        painter.setFont(fonts.text_font(size.small))
        painter.setPen(theme.colour("text_muted"))
        low = QRectF(box.left(), middle + 2, box.width(), 22)
        painter.drawText(low, int(side | Qt.AlignmentFlag.AlignVCenter), self._role)

    def _choose(self) -> None:
        self.chosen.emit(self.user.user_id)


class SignInView(QWidget):
    """First the names, then the pad. Signals: `refused` for a scan that is no PIN."""

    refused = Signal()

    def __init__(self, view_model: SignInViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._people: list[PersonButton] = []
        self._users: tuple[UserRow, ...] = ()
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.S3)
        self._names = QWidget()
        self._pin = QWidget()
        self._who = Label("", Role.TITLE)
        self._pad = NumPad(
            PadKind.PIN, enter_text=i18n.tr("kiosk.sign_in.enter"), longest=_PIN_LENGTH
        )
        self._error = Label("", Role.ERROR, wraps=True)
        self._stack = QStackedWidget()
        self._lay_names()
        self._lay_pin()
        for part in (self._names, self._pin):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S8, theme.S6, theme.S8, theme.S6)
        column.addWidget(self._stack)
        connect(view_model.changed, self._show)
        connect(self._pad.entered, self._enter)

    def opened(self) -> None:
        """Begin with the names."""
        self._view_model.choose_again()
        self._view_model.start()
        self._focus()

    def _lay_names(self) -> None:
        column = QVBoxLayout(self._names)
        column.addStretch(2)
        column.addWidget(Label(i18n.tr("kiosk.sign_in.title"), Role.TITLE))
        column.addWidget(Label(i18n.tr("kiosk.sign_in.text"), Role.MUTED))
        column.addSpacing(theme.S5)
        column.addLayout(self._grid)
        self._nobody = EmptyState(
            "users", i18n.tr("kiosk.sign_in.empty"), i18n.tr("kiosk.sign_in.empty.text")
        )
        self._nobody.hide()
        column.addWidget(self._nobody)
        column.addStretch(3)

    def _lay_pin(self) -> None:
        inner = QVBoxLayout()
        inner.setSpacing(theme.S3)
        self._who.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._error.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._error.setMinimumHeight(theme.current().density.type.base * 2)
        self._pad.setFixedWidth(380)
        self._pad.setAccessibleName(i18n.tr("kiosk.pin"))
        back = Button(i18n.tr("kiosk.sign_in.other"), "arrow-left", look=Look.GHOST)
        connect(back.clicked, self._back)
        inner.addStretch()
        for part in (self._who, self._pad, self._error, back):
            inner.addWidget(part)
        inner.addStretch()
        row = QHBoxLayout(self._pin)
        row.addStretch()
        row.addLayout(inner)
        row.addStretch()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the names."""
        if event.key() == Qt.Key.Key_Escape and self._view_model.chosen is not None:
            self._back()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        view_model = self._view_model
        if view_model.users != self._users:
            self._show_people(view_model.users)
        before = self._stack.currentWidget()
        chosen = view_model.chosen
        self._stack.setCurrentWidget(self._names if chosen is None else self._pin)
        if chosen is not None:
            self._who.setText(chosen.name)
        self._show_error()
        if self._stack.currentWidget() is not before:
            self._pad.clear()
            self._focus()

    def _show_people(self, users: tuple[UserRow, ...]) -> None:
        self._users = users
        for button in self._people:
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._people = [PersonButton(user) for user in users]
        for place, button in enumerate(self._people):
            self._grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
            connect(button.chosen, self._view_model.choose)
            connect(button.stepped, self._step)
        self._nobody.setVisible(not users)
        self._focus()

    def _show_error(self) -> None:
        seconds = self._view_model.wait_seconds
        refusal = self._view_model.refusal
        if seconds:
            self._error.setText(i18n.tr("kiosk.sign_in.wait", count=seconds))
        else:
            self._error.setText("" if refusal is None else i18n.error_text(refusal))
        self._pad.setEnabled(not seconds)
        if refusal is not None:
            self._pad.clear()
        if not seconds and self._stack.currentWidget() is self._pin:
            self._focus()

    def _focus(self) -> None:
        """Take the focus, unless another screen has come meanwhile."""
        if not self.isVisible():
            return
        if self._view_model.chosen is not None:
            self._pad.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._people:
            self._people[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _step(self, key: int) -> None:
        focused = [at for at, button in enumerate(self._people) if button.hasFocus()]
        step = _STEPS[Qt.Key(key)]
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft and abs(step) == 1:
            step = -step
        place = (focused[0] if focused else 0) + step
        if 0 <= place < len(self._people):
            self._people[place].setFocus(Qt.FocusReason.OtherFocusReason)

    def take_code(self, code: str) -> None:
        """A burst of keys: a PIN from a badge or quick hands; anything else is `refused`."""
        is_pin = len(code) < _ARTICLE_DIGITS and code.isascii() and code.isdecimal()
        if is_pin and self._view_model.chosen is not None and self._pad.isEnabled():
            self._enter(code)
        else:
            self.refused.emit()

    def _enter(self, digits: str) -> None:
        self._view_model.enter(digits)
        self._pad.clear()

    def _back(self) -> None:
        self._view_model.choose_again()
