"""Navigation rail: the screens of a workspace, with icons and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import fonts, i18n, icons, theme
from desktop.ui.binding import connect
from desktop.ui.label import Label, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSpec:
    """One screen. `factory` makes its widget when it is first opened.

    `section_key` groups screens under a heading; `keys` opens it; `permission` empty: everybody.
    """

    id: str
    title_key: str
    icon: str
    factory: Callable[[], QWidget]
    keys: str = ""
    permission: str = ""
    section_key: str = ""


class NavButton(QAbstractButton):
    """One screen in the rail; wide densities write the word beside the icon, others below."""

    chosen = Signal(str)

    def __init__(self, spec: ScreenSpec, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = spec
        self._count = ""
        self._words = i18n.tr(spec.title_key)
        self.setCheckable(True)
        self.setAccessibleName(self._words)
        self.setToolTip(f"{self._words}  ({spec.keys})" if spec.keys else self._words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(self.clicked, self._choose)

    def set_count(self, count: str) -> None:
        """Show a figure beside the word, such as how many orders wait; empty for none."""
        self._count = count
        self.setAccessibleName(f"{self._words} {count}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """Give one line beside the icon, or icon over word."""
        density = theme.current().density
        if theme.is_wide():
            return QSize(density.rail - 2 * theme.S2, density.control)
        return QSize(density.rail - 2 * theme.S2, density.icon + density.type.small + 28)

    def enterEvent(self, event: QEvent) -> None:
        """Light up."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Dim again."""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, icon, word, count and focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(theme.colour("selected" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("focus", 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        if theme.is_wide():
            self._paint_wide(painter, box)
        else:
            self._paint_narrow(painter, box)
        painter.end()

    def _paint_wide(self, painter: QPainter, box: QRectF) -> None:
        accent = theme.tone_colours(theme.Tone.ACCENT).text
        is_on = self.isChecked()
        size = theme.current().density.icon
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = box.right() - size - 10 if is_mirrored else box.left() + 10
        mark = QRectF(left, box.center().y() - size / 2, size, size)
        icons.paint(
            painter, self._spec.icon, accent if is_on else theme.colour("text_muted"), at=mark
        )
        taken = size + 20
        words = box.adjusted(10, 0, -taken, 0) if is_mirrored else box.adjusted(taken, 0, -10, 0)
        base = theme.current().density.type.base
        font = fonts.text_font(base, fonts.MEDIUM)
        painter.setFont(font)
        painter.setPen(theme.tone_pen(theme.Tone.ACCENT) if is_on else theme.pen("text"))
        shown = QFontMetricsF(font).elidedText(
            self._words, Qt.TextElideMode.ElideRight, words.width()
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, Qt.AlignmentFlag.AlignLeading | middle, shown)
        if self._count:
            painter.setFont(fonts.money_font(base - 1))
            painter.setPen(theme.colour("text_muted"))
            painter.drawText(words, Qt.AlignmentFlag.AlignTrailing | middle, self._count)

    def _paint_narrow(self, painter: QPainter, box: QRectF) -> None:
        accent = theme.tone_colours(theme.Tone.ACCENT).text
        is_on = self.isChecked()
        density = theme.current().density
        size = density.icon
        mark = QRectF(box.center().x() - size / 2, box.top() + 9, size, size)
        icons.paint(
            painter, self._spec.icon, accent if is_on else theme.colour("text_muted"), at=mark
        )
        font = fonts.text_font(density.type.small, fonts.MEDIUM)
        painter.setFont(font)
        painter.setPen(theme.tone_pen(theme.Tone.ACCENT) if is_on else theme.pen("text"))
        words = QRectF(box.left() + 2, mark.bottom() + 3, box.width() - 4, density.type.small + 8)
        shown = QFontMetricsF(font).elidedText(
            self._words, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, shown)
        if self._count:
            painter.setFont(fonts.money_font(density.type.small - 2, fonts.MEDIUM))
            metrics = QFontMetricsF(painter.font())
            width = max(18.0, metrics.horizontalAdvance(self._count) + 10)
            pill = QRectF(mark.right() - 4, mark.top() - 6, width, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(pill, 9, 9)
            painter.setPen(theme.colour("on_accent"))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self._count)

    def _choose(self) -> None:
        self.chosen.emit(self._spec.id)


class NavigationRail(QFrame):
    """All screens. Signal: `chosen(id)`. Put other parts into `self.foot`."""

    chosen = Signal(str)

    def __init__(
        self, specs: Sequence[ScreenSpec], brand: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setFixedWidth(theme.current().density.rail)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S2, theme.S3, theme.S2, theme.S2)
        column.setSpacing(2)
        if theme.is_wide() and brand:
            name = Label(brand, Role.HEADING)
            name.setContentsMargins(theme.S2 + 2, 0, theme.S2 + 2, theme.S3)
            column.addWidget(name)
        self._buttons: dict[str, NavButton] = {}
        section = ""
        for spec in specs:
            if spec.section_key != section and theme.is_wide():
                section = spec.section_key
                heading = Label(i18n.tr(section), Role.OVERLINE)
                heading.setContentsMargins(theme.S2 + 2, theme.S3, theme.S2 + 2, theme.S1)
                column.addWidget(heading)
            button = NavButton(spec)
            connect(button.chosen, self._choose)
            self._buttons[spec.id] = button
            column.addWidget(button)
        column.addStretch()
        self.foot = QVBoxLayout()
        self.foot.setSpacing(2)
        column.addLayout(self.foot)

    def mark(self, screen_id: str) -> None:
        """Show which screen is open."""
        for each, button in self._buttons.items():
            button.setChecked(each == screen_id)

    def set_count(self, screen_id: str, count: str) -> None:
        """Show a figure beside a screen's word."""
        self._buttons[screen_id].set_count(count)

    def _choose(self, screen_id: str) -> None:
        self.chosen.emit(screen_id)
