"""Status strip: chips at the lower edge that say how things are: icon, word, count."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop.ui import fonts, icons, theme
from desktop.ui.binding import connect
from desktop.ui.theme import Tone


class Severity(StrEnum):
    """How serious a chip is."""

    OK = "ok"
    DEGRADED = "degraded"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Chip:
    """One state. Texts are already translated; `count` is shown in figures."""

    id: str
    icon: str
    text: str
    severity: Severity = Severity.OK
    count: str = ""
    tip: str = ""


_TONES = {Severity.DEGRADED: Tone.WARN, Severity.DANGER: Tone.DANGER}


def _metrics() -> QFontMetricsF:
    return QFontMetricsF(fonts.money_font(theme.current().density.type.small, fonts.MEDIUM))


class _ChipButton(QAbstractButton):
    chosen = Signal(str)

    def __init__(self, chip: Chip, parent: QWidget) -> None:
        super().__init__(parent)
        self._chip = chip
        self.setObjectName(chip.id)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(self.clicked, self._choose)
        self.show_chip(chip)

    def show_chip(self, chip: Chip) -> None:
        self._chip = chip
        self._say_tip()
        self.setAccessibleName(self._words())
        self.setAccessibleDescription(chip.tip)
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say_tip()

    def _say_tip(self) -> None:
        """What the chip means; where its words are cut, those as well."""
        tip, words = self._chip.tip, self._words()
        is_cut = self.width() < self.sizeHint().width()
        self.setToolTip(f"{words}\n{tip}" if tip and is_cut else tip or words)

    def sizeHint(self) -> QSize:
        size = theme.current().density.type.small
        width = _metrics().horizontalAdvance(self._words()) + size + 4 + 6 + 16
        return QSize(math.ceil(width), size + 12)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tone = _TONES.get(self._chip.severity)
        ink = QColor(theme.tone_colours(tone).text) if tone else theme.colour("text_muted")
        size = theme.current().density.type.small + 2
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(Qt.PenStyle.NoPen)
        if tone:
            painter.setBrush(QColor(theme.tone_colours(tone).soft))
            painter.drawRoundedRect(box, 6, 6)
        elif self.underMouse():
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("focus", 1.5))
            painter.drawRoundedRect(box, 6, 6)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = box.right() - 8 - size if is_mirrored else box.left() + 8
        mark = QRectF(left, box.center().y() - size / 2, size, size)
        icons.paint(painter, self._chip.icon, ink, at=mark)
        taken = size + 6
        words = box.adjusted(8, 0, -8, 0)
        words = words.adjusted(0, 0, -taken, 0) if is_mirrored else words.adjusted(taken, 0, 0, 0)
        painter.setFont(fonts.money_font(size - 2, fonts.MEDIUM))
        painter.setPen(ink)
        side = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, side, self._shown(words.width()))
        painter.end()

    def _shown(self, room: float) -> str:
        """What fits; the figure always does."""
        count = f"  {self._chip.count}" if self._chip.count else ""
        metrics = _metrics()
        room -= metrics.horizontalAdvance(count) - 1
        return metrics.elidedText(self._chip.text, Qt.TextElideMode.ElideRight, room) + count

    def _words(self) -> str:
        return f"{self._chip.text}  {self._chip.count}" if self._chip.count else self._chip.text

    def _choose(self) -> None:
        self.chosen.emit(self._chip.id)


def widest_of(widths: Sequence[int], room: int) -> int:
    """Give how wide a part may be at most, so that all of them fit into `room`."""
    left = room
    for done, width in enumerate(sorted(widths)):
        share = left // (len(widths) - done)
        if width > share:
            return max(share, 0)
        left -= width
    return max(widths, default=0)


class StatusStrip(QFrame):
    """A row of chips. Signal: `chosen(id)` when one is pressed."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "strip")
        self._chips: dict[str, _ChipButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.S2, theme.S1, theme.S2, theme.S1)
        self._row.setSpacing(theme.S1)
        self._row.addStretch()

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show exactly these chips, in this order."""
        wanted = [chip.id for chip in chips]
        if wanted != list(self._chips):
            for button in self._chips.values():
                self._row.removeWidget(button)
                button.hide()
                button.deleteLater()
            self._chips = {}
            for place, chip in enumerate(chips):
                self._insert(place, chip)
        else:
            for chip in chips:
                self._chips[chip.id].show_chip(chip)
        self._fit()

    def set_chip(self, chip: Chip) -> None:
        """Show one chip, new or changed."""
        if chip.id in self._chips:
            self._chips[chip.id].show_chip(chip)
        else:
            self._insert(len(self._chips), chip)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the window: chips give way."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Share anew: another theme may have larger letters."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        """Without room for all words, the longest give way; their tips have them whole."""
        wanted = {button: button.sizeHint().width() for button in self._chips.values()}
        room = self.width() - 2 * theme.S2 - theme.S1 * len(wanted)
        widest = widest_of(list(wanted.values()), room)
        for button, width in wanted.items():
            button.setFixedWidth(min(width, widest))

    def words(self) -> list[str]:
        """Give what the chips say."""
        return [button.accessibleName() for button in self._chips.values()]

    def _insert(self, place: int, chip: Chip) -> None:
        button = _ChipButton(chip, self)
        connect(button.chosen, self._choose)
        self._chips[chip.id] = button
        self._row.insertWidget(place, button)
        button.show()

    def _choose(self, chip_id: str) -> None:
        self.chosen.emit(chip_id)
