"""Lists: segments and filters, a search field, and a table that the keyboard reaches from both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from desktop.ui import faces, fonts, i18n, theme
from desktop.ui.actions import Action
from desktop.ui.binding import connect
from desktop.ui.cells import cell_text
from desktop.ui.columns import Kind
from desktop.ui.delegates import PAD
from desktop.ui.editors import ChoiceField
from desktop.ui.fields import Choice
from desktop.ui.search_field import SearchField
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.merchant.parts.page.view import Page, sides

_EMPTY_ROWS = 4
_MOST_MEASURED = 100
SEARCH = Action(
    id="list.search",
    text_key="merchant.search",
    intent="focus_search",
    icon="search",
    keys=("Ctrl+F", "/"),
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One way to narrow a list; the text is already translated, `count` is written in figures."""

    value: str
    text: str
    count: str = ""


class _SegmentButton(QAbstractButton):
    chosen = Signal(str)

    def __init__(self, segment: Segment) -> None:
        super().__init__()
        self.segment = segment
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        connect(self.clicked, self._choose)
        self.show_segment(segment)

    def show_segment(self, segment: Segment) -> None:
        self.segment = segment
        self.setAccessibleName(f"{segment.text} {segment.count}".strip())
        self.setToolTip(self.accessibleName())
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            event.ignore()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        density = theme.current().density
        words, figures = self._metrics()
        width = words.horizontalAdvance(self.segment.text) + 2 * theme.S3
        if self.segment.count:
            width += figures.horizontalAdvance(self.segment.count) + theme.S2
        return QSize(round(width), density.control - theme.S1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(theme.colour("selected" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("focus", 2))
            painter.drawRoundedRect(box, 6, 6)
        middle = Qt.AlignmentFlag.AlignVCenter
        room = box.adjusted(theme.S3 - 1, 0, 1 - theme.S3, 0)
        base = theme.current().density.type.base
        painter.setFont(fonts.text_font(base, fonts.MEDIUM))
        painter.setPen(theme.tone_pen(theme.Tone.ACCENT) if self.isChecked() else theme.pen("text"))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeading | middle, self.segment.text)
        if self.segment.count:
            painter.setFont(fonts.money_font(base - 1))
            painter.setPen(theme.colour("text_muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignTrailing | middle, self.segment.count)
        painter.end()

    def _metrics(self) -> tuple[QFontMetricsF, QFontMetricsF]:
        base = theme.current().density.type.base
        words = QFontMetricsF(fonts.text_font(base, fonts.MEDIUM))
        return words, QFontMetricsF(fonts.money_font(base - 1))

    def _choose(self) -> None:
        self.chosen.emit(self.segment.value)


class Segments(QWidget):
    """Ways to narrow a list, one of them in force. Signal: `chosen(value)`; arrows move."""

    chosen = Signal(str)

    def __init__(self, segments: Sequence[Segment], *, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._buttons: dict[str, _SegmentButton] = {}
        for segment in segments:
            button = _SegmentButton(segment)
            connect(button.chosen, self._choose)
            self._buttons[segment.value] = button
            self._row.addWidget(button)
        if segments:
            self.mark(segments[0].value)

    def mark(self, value: str) -> None:
        """Show which one is in force."""
        for each, button in self._buttons.items():
            button.setChecked(each == value)

    def set_count(self, value: str, count: str) -> None:
        """Show a figure beside a word."""
        button = self._buttons[value]
        if button.segment.count != count:
            button.show_segment(Segment(value, button.segment.text, count))

    def value(self) -> str:
        """Give the one in force."""
        return next((each for each, button in self._buttons.items() if button.isChecked()), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the neighbour."""
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        step = steps.get(Qt.Key(event.key()), 0) * (-1 if is_mirrored else 1)
        values = list(self._buttons)
        if not step or not values:
            super().keyPressEvent(event)
            return
        place = (values.index(self.value()) + step) % len(values)
        self._buttons[values[place]].setFocus(Qt.FocusReason.TabFocusReason)
        self._choose(values[place])

    def _choose(self, value: str) -> None:
        self.mark(value)
        self.chosen.emit(value)


class FilterField(ChoiceField):
    """A filter whose first choice is "any". Signal: `edited`; `value()` is "" for any."""

    def __init__(self, name: str, choices: Sequence[Choice]) -> None:
        first = Choice("", i18n.tr("merchant.filter.any", name=name))
        super().__init__([first, *choices])
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.set_value("")
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToContents)


class ShortTable(TableView):
    """A table inside a card, as high as its rows, up to `most` of them."""

    def __init__(self, model: TableModel, *, name: str, most: int, least: int = 1) -> None:
        super().__init__(model, name=name)
        self._least, self._most = least, most
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            connect(signal, self._fit_height)
        connect(model.dataChanged, self._fit_figures)
        self._fit_height()

    def set_empty(self, icon: str, title: str, text: str = "", *, action: str = "") -> None:
        """Say what stands here without rows, with room for it."""
        super().set_empty(icon, title, text, action=action)
        self._least = max(self._least, _EMPTY_ROWS)
        self._fit_height()

    def least_width(self, section: int) -> int:
        """Let every amount stand whole: a shortened one could be taken for another."""
        model = self.rows_model()
        column = model.columns[section]
        if column.kind is not Kind.MONEY:
            return 0
        size = theme.current().density.type
        face = faces.figures(size.base)
        title = faces.words(size.small, fonts.MEDIUM).width(i18n.tr(column.title_key))
        loaded = (model.row_at(place) for place in range(min(model.rowCount(), _MOST_MEASURED)))
        widths = (face.width(cell_text(column, row)) for row in loaded if row is not None)
        return ceil(max((title, *widths)))

    def _fit_figures(self) -> None:
        self._fit_columns()

    def _fit_height(self) -> None:
        self._fit_columns()
        density = theme.current().density
        is_bare = self.horizontalHeader().isHidden()
        header = 0 if is_bare else density.control + theme.S1
        count = self.rows_model().rowCount()
        least = self._least if count == 0 else 1
        rows = min(max(count, least), self._most)
        self.setFixedHeight(header + rows * density.row + 2)


class ListPage(Page):
    """A page with a bar over a table. Typing searches, arrows move in the table, Enter opens.

    Signals: `searched(text)`, `opened_row(row)`.
    """

    searched = Signal(str)
    opened_row = Signal(object)

    def __init__(
        self, title: str, model: TableModel, *, search: str = "", many: bool = False
    ) -> None:
        super().__init__(title)
        self.bar = QHBoxLayout()
        edges = sides(theme.S6, theme.S4, top=theme.S2, bottom=theme.S2)
        self.bar.setContentsMargins(*edges)
        self.bar.setSpacing(theme.S2)
        self._strip = QFrame()
        self._strip.setLayout(self.bar)
        self.search = SearchField(search, keys="Ctrl+F")
        self.search.setMinimumWidth(theme.current().density.type.base * 24)
        self.table = TableView(model, name=title, many=many)
        self.bar.addStretch(1)
        self.bar.addWidget(self.search)
        self.body.addWidget(self._strip)
        inset = QHBoxLayout()
        # The words in the first column begin where the title above begins.
        inset.setContentsMargins(*sides(theme.S6 - PAD, theme.S4 - PAD))
        inset.addWidget(self.table)
        self.body.addLayout(inset, 1)
        if not search:
            self._strip.hide()
        connect(self.search.searched, self._on_searched)
        connect(self.search.stepped, self._step)
        connect(self.search.entered, self._open_current)
        connect(self.table.activated_row, self._open)

    def add_to_bar(self, widget: QWidget) -> None:
        """Add segments or a filter before the search field."""
        self.bar.insertWidget(self.bar.count() - 2, widget)

    def first_focus(self) -> QWidget | None:
        """Begin with the search field."""
        return self.search if self.search.isVisibleTo(self) else self.table

    def focus_search(self) -> None:
        """Set the focus into the search field, with what stands there marked."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_searched(self, text: str, _generation: int) -> None:
        self.searched.emit(text)

    def _step(self, key: int) -> None:
        press = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        if self.table.current() is None:
            self.table.select_first()
            return
        QApplication.sendEvent(self.table, press)

    def _open_current(self, _text: str) -> None:
        row = self.table.current()
        if row is None and self.table.rows_model().rowCount():
            self.table.select_first()
            row = self.table.current()
        if row is not None:
            self._open(row)

    def _open(self, row: object) -> None:
        self.opened_row.emit(row)
