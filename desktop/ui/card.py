"""Cards and figure tiles: groups on a quiet ground."""

from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.label import Icon, Label, Role
from desktop.ui.theme import Tone

_SPARK = 32


class Card(QFrame):
    """A titled group; put content into `self.body`, buttons into `self.head`."""

    def __init__(
        self, title: str = "", *, flush: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        edge = 1 if flush else theme.S4
        # The round corners of a flush card must not be covered by what lies in it.
        corner = theme.S1 + 2
        top = theme.S4 if title or not flush else corner
        outer.setContentsMargins(edge, top, edge, corner if flush else edge)
        outer.setSpacing(theme.S3)
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.S2)
        if title:
            if flush:
                self.head.setContentsMargins(theme.S4 - 1, 0, theme.S3, 0)
            self.head.addWidget(Label(title, Role.HEADING))
            self.head.addStretch()
            outer.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.S2)
        outer.addLayout(self.body)


class Trend(StrEnum):
    """Which way a figure went."""

    UP = "up"
    DOWN = "down"
    FLAT = "flat"


_TREND_ICONS = {Trend.UP: "arrow-up", Trend.DOWN: "arrow-down", Trend.FLAT: "arrow-right"}
_NOTE_ICONS = {
    Tone.OK: "circle-check",
    Tone.WARN: "triangle-alert",
    Tone.DANGER: "circle-alert",
}


class Spark(QWidget):
    """A small line of figures, without axes."""

    def __init__(self, points: list[int], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = points
        self.setFixedHeight(_SPARK)
        self.setMinimumWidth(64)

    def set_points(self, points: list[int]) -> None:
        """Show other figures."""
        self._points = points
        self.update()

    def sizeHint(self) -> QSize:
        """Give a line's room."""
        return QSize(96, _SPARK)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line, with a soft ground below it."""
        if not self._points[1:]:
            return
        low, high = min(self._points), max(self._points)
        span = high - low or 1
        box = QRectF(self.rect()).adjusted(1, 3, -1, -3)
        step = box.width() / (len(self._points) - 1)
        dots = [
            QPointF(box.left() + at * step, box.bottom() - (point - low) / span * box.height())
            for at, point in enumerate(self._points)
        ]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("selected"))
        floor = float(self.height())
        ground = [QPointF(dots[0].x(), floor), *dots, QPointF(dots[-1].x(), floor)]
        painter.drawPolygon(QPolygonF(ground))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.pen("accent", 1.75))
        painter.drawPolyline(QPolygonF(dots))
        painter.end()


class StatTile(QFrame):
    """One figure with its name, and how it went. Signal: `chosen` when pressed."""

    chosen = Signal()

    def __init__(
        self, name: str, value: str = "–", *, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S4, theme.S3, theme.S4, theme.S3)
        column.setSpacing(theme.S1)
        head = QHBoxLayout()
        head.setSpacing(theme.S2)
        self._icon = Icon(icon, "text_subtle")
        if not icon:
            self._icon.hide()
        head.addWidget(self._icon)
        head.addWidget(Label(name, Role.MUTED))
        head.addStretch()
        column.addLayout(head)
        self._value = Label(value, Role.TITLE)
        self._value.setFont(theme.figures_font(theme.current().density.type.title))
        low = QHBoxLayout()
        low.setSpacing(theme.S1)
        low.addWidget(self._value)
        low.addStretch()
        low.addStrut(_SPARK)
        self._spark = Spark([])
        self._spark.hide()
        low.addWidget(self._spark)
        column.addLayout(low)
        self._trend_icon = Icon("arrow-right", "ok", 14)
        self._trend = Label("\u00a0", Role.SMALL)
        foot = QHBoxLayout()
        foot.setSpacing(theme.S1)
        foot.addWidget(self._trend_icon)
        foot.addWidget(self._trend)
        foot.addStretch()
        column.addLayout(foot)
        self._trend_icon.set_icon("", "")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(f"{name}: {value}")
        self._name = name

    def set_value(self, value: str) -> None:
        """Show another figure (already written for people)."""
        self._value.setText(value)
        self.setAccessibleName(f"{self._name}: {value}")

    def set_icon(self, icon: str) -> None:
        """Show another sign beside the name."""
        self._icon.set_icon(icon, "text_subtle")
        self._icon.setVisible(bool(icon))

    def set_trend(self, trend: Trend, text: str, tone: Tone = Tone.NEUTRAL) -> None:
        """Say which way it went, for example UP, "12 % more than last week"."""
        self._trend_icon.set_icon(_TREND_ICONS[trend], tone.value)
        self._trend_icon.show()
        self._trend.setText(text)

    def set_note(self, text: str, tone: Tone = Tone.NEUTRAL) -> None:
        """Say something about the figure that is no trend, for example "oldest: 2 days ago"."""
        icon = _NOTE_ICONS.get(tone, "")
        self._trend_icon.set_icon(icon, tone.value if icon else "")
        self._trend_icon.setVisible(bool(icon))
        self._trend.setText(text)

    def set_points(self, points: list[int]) -> None:
        """Show a small line beside the figure."""
        self._spark.set_points(points)
        self._spark.setVisible(bool(points))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press inside chooses the tile."""
        super().mouseReleaseEvent(event)
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit()
