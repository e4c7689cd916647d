"""Sheet: a card over the dimmed window that takes the focus and gives it back; never exec()."""

import asyncio

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.ui import theme
from desktop.ui.binding import connect

_SHADOW_STEPS = 24


class Sheet(QWidget):
    """Lies over the window of `anchor`; `closed(result)` once, then it is gone.

    Put the content into `self.body` (a vertical layout). Esc closes with None unless
    `can_cancel` is false.
    """

    closed = Signal(object)

    def __init__(self, anchor: QWidget, *, width: int = 440, can_cancel: bool = True) -> None:
        window = anchor.window()
        super().__init__(window)
        self._window = window
        self._is_closed = False
        self._before = window.focusWidget()
        self._can_cancel = can_cancel
        self._width = width
        self.card = QFrame(self)
        self.card.setProperty("role", "sheet")
        self.body = QVBoxLayout(self.card)
        self.body.setContentsMargins(theme.S6, theme.S6, theme.S6, theme.S5)
        self.body.setSpacing(theme.S3)
        # A tap beside a field, or on a word to choose, leaves the focus where digits go.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        window.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Show the sheet and take the focus."""
        self.setGeometry(self._window.rect())
        self._place()
        self.show()
        self.raise_()
        first = self._next(self, forward=True)
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            (first or self).setFocus(Qt.FocusReason.TabFocusReason)

    def finish(self, result: object = None) -> None:
        """Close with a result; the focus goes back to where it was."""
        if self._is_closed:
            return
        self._is_closed = True
        self._window.removeEventFilter(self)
        self.hide()
        before: QWidget | None = self._before
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit(result)
        self.deleteLater()

    def cancel(self) -> None:
        """Close without a result."""
        self.finish(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels; no key goes through to the window below."""
        if event.key() == Qt.Key.Key_Escape and self._can_cancel:
            self.cancel()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card does nothing but not reach the window below."""
        event.accept()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's signature
        """Keep the focus inside the sheet."""
        focused = QApplication.focusWidget() or self
        target = self._next(focused, forward=next)
        if target is not None:
            reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
            target.setFocus(reason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() is QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Take the room the content asks for; keep keys from actions of the window below."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() is QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim the window and paint the shadow of the card."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("scrim"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        shade = QColor(0, 0, 0, 2)
        radius = theme.current().density.radius_sheet
        # The card covers all but the rim of the shadow: painting the rest would cost much more.
        covered = self.card.geometry().adjusted(radius, radius, -radius, -radius)
        painter.setClipRegion(QRegion(self.rect()).subtracted(QRegion(covered)))
        for step in range(_SHADOW_STEPS):
            painter.setBrush(shade)
            box = QRectF(self.card.geometry()).adjusted(-step, -step + 6, step, step + 6)
            painter.drawRoundedRect(box, radius + step, radius + step)
        painter.end()

    def _place(self) -> None:
        width = min(self._width, self.width() - 2 * theme.S6)
        self.card.setFixedWidth(max(200, width))
        self.body.activate()
        hint = self.card.heightForWidth(width) if self.card.hasHeightForWidth() else -1
        wanted = hint if hint > 0 else self.card.sizeHint().height()
        height = min(wanted, self.height() - 2 * theme.S6)
        top = max(theme.S6, round((self.height() - height) * 0.42))
        self.card.setGeometry((self.width() - width) // 2, top, width, height)

    def _next(self, start: QWidget, *, forward: bool) -> QWidget | None:
        current = start
        while True:
            nearby = current.nextInFocusChain() if forward else current.previousInFocusChain()
            if nearby is None or nearby is start:
                return None
            current = nearby
            takes = current.focusPolicy() & Qt.FocusPolicy.TabFocus
            is_inside = self.card.isAncestorOf(current) and current.isVisibleTo(self.card)
            if takes and is_inside and current.isEnabled():
                return current


class _Answer(QObject):
    """Carries the end of a sheet to whoever awaits it."""

    def __init__(self, sheet: Sheet, future: "asyncio.Future[object]") -> None:
        super().__init__(sheet)
        self._future = future
        connect(sheet.closed, self.take)
        connect(sheet.destroyed, self.lose)

    def take(self, result: object) -> None:
        if not self._future.done():
            self._future.set_result(result)

    def lose(self) -> None:
        if not self._future.done():
            self._future.cancel()


async def present(sheet: Sheet) -> object:
    """Open a sheet and wait for its result; a cancelled wait closes it."""
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    _Answer(sheet, future)
    sheet.open()
    try:
        return await future
    finally:
        if isValid(sheet):
            sheet.finish(None)


def top_sheet(widget: QWidget) -> Sheet | None:
    """Give the sheet that lies on top of a widget's window, if one is open."""
    sheets = [
        child
        for child in widget.window().children()
        if isinstance(child, Sheet) and child.isVisible()
    ]
    return sheets[-1] if sheets else None
