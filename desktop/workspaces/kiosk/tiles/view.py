"""Tiles to tap, in a grid that is painted, and the groups they come from."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QScrollArea,
    QScroller,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import fonts, i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.empty_state import EmptyState
from desktop.ui.images import Thumbnails
from desktop.workspaces.kiosk.catalog.rows import TileGroup, TileRow
from desktop.workspaces.kiosk.prompts.view import ChoiceButton
from desktop.workspaces.kiosk.sale.rows import own_way
from desktop.workspaces.kiosk.tiles.view_model import TilesViewModel

_NARROWEST, _WITH_PICTURE, _HEIGHT = 172, 236, 104
_GAP, _PAD, _PICTURE = 8, 12, 72
_ROW_ROLE = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex


class TileModel(QAbstractListModel):
    """The tiles of a group."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[TileRow, ...] = ()

    def set_tiles(self, tiles: Sequence[TileRow]) -> None:
        """Show other tiles."""
        if tuple(tiles) != self._tiles:
            self.beginResetModel()
            self._tiles = tuple(tiles)
            self.endResetModel()

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._tiles)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        tile = self._tiles[index.row()] if index.isValid() else None
        if tile is None:
            return None
        if role == _ROW_ROLE:
            return tile
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{tile.name}, {tile.price_text}"
        return tile.name if role == Qt.ItemDataRole.ToolTipRole else None


class _TileDelegate(QStyledItemDelegate):
    """Paints one tile: picture, name in two lines, price."""

    def __init__(self, pictures: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.size = QSize(_NARROWEST, _HEIGHT)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        tile = index.data(_ROW_ROLE)
        rect = option.rect
        state = option.state
        box = QRectF(rect).adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, box, state)
        inner = box.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 2)
        is_mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        if tile.picture is not None:
            inner = self._paint_picture(painter, tile, inner, is_mirrored=is_mirrored)
        _paint_words(painter, tile, inner)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, tile: TileRow, box: QRectF, *, is_mirrored: bool
    ) -> QRectF:
        """Paint the picture and give the room that is left."""
        side = min(float(_PICTURE), box.height())
        left = box.right() - side if is_mirrored else box.left()
        place = QRectF(left, box.center().y() - side / 2, side, side)
        edge = QPainterPath()
        edge.addRoundedRect(place, 6, 6)
        drawn = self._pictures.get(tile.id)
        if drawn is None:
            painter.fillPath(edge, theme.colour("sunken"))
        else:
            size = drawn.deviceIndependentSize()
            grown = size.scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRectF(0, 0, grown.width(), grown.height())
            target.moveCenter(place.center())
            painter.save()
            painter.setClipPath(edge)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(target, drawn, QRectF(drawn.rect()))
            painter.restore()
        taken = side + _PAD
        return box.adjusted(0, 0, -taken, 0) if is_mirrored else box.adjusted(taken, 0, 0, 0)


def _paint_ground(painter: QPainter, box: QRectF, state: QStyle.StateFlag) -> None:
    is_pressed = bool(state & QStyle.StateFlag.State_Sunken)
    is_focused = bool(state & QStyle.StateFlag.State_HasFocus)
    is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    token = "sunken" if is_pressed else ("hover" if is_hovered else "surface")
    painter.setBrush(theme.colour(token))
    painter.setPen(theme.pen("focus", 2) if is_focused else theme.pen("line_strong"))
    painter.drawRoundedRect(box, 10, 10)


def _paint_words(painter: QPainter, tile: TileRow, box: QRectF) -> None:
    size = theme.current().density.type
    price = fonts.money_font(size.base, QFont.Weight.DemiBold)
    low = QFontMetricsF(price).height()
    painter.setFont(price)
    painter.setPen(theme.colour("text"))
    # The painter knows where lines begin: at the right in Arabic.
    side = Qt.AlignmentFlag.AlignLeading
    foot = QRectF(box.left(), box.bottom() - low, box.width(), low)
    painter.drawText(foot, int(side | Qt.AlignmentFlag.AlignVCenter), tile.price_text)
    font = fonts.text_font(size.small + 1, fonts.MEDIUM)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(theme.colour("text")))
    for at, line in enumerate(two_lines(tile.name, metrics, box.width())):
        top = box.top() + at * metrics.lineSpacing()
        room = QRectF(box.left(), top, box.width(), metrics.lineSpacing())
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), own_way(line))


def two_lines(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Break a name into at most two lines; the second is shortened in its middle."""
    words = text.split()
    first = ""
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
        first = f"{first} {words.pop(0)}".strip()
    if not first and words:
        return [metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)]
    rest = " ".join(words)
    return (
        [first, metrics.elidedText(rest, Qt.TextElideMode.ElideMiddle, width)] if rest else [first]
    )


class TileGrid(QListView):
    """The tiles. Signal: `chosen(TileRow)` when one is tapped, or by Enter."""

    chosen = Signal(object)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = TileModel(self)
        self._pictures = Thumbnails(_PICTURE, self)
        self._empty = EmptyState(
            "layout-grid",
            i18n.tr("kiosk.tiles.empty"),
            i18n.tr("kiosk.tiles.empty.text"),
            parent=self.viewport(),
        )
        self._narrowest = _NARROWEST
        self._painter = _TileDelegate(self._pictures, self)
        self.setModel(self._tiles)
        self.setItemDelegate(self._painter)
        self._lay_as_grid()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(i18n.tr("kiosk.tiles"))
        connect(self.clicked, self._choose)
        connect(self.activated, self._activate)
        connect(self._pictures.ready, self._redraw)

    def _lay_as_grid(self) -> None:
        """Tiles in columns that fill the width, moved by finger, without a frame."""
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setStyleSheet("QListView { background: transparent; }")
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def set_tiles(self, tiles: Sequence[TileRow]) -> None:
        """Show these tiles."""
        for tile in tiles:
            if tile.picture is not None:
                self._pictures.load(tile.id, tile.picture)
        has_pictures = any(tile.picture is not None for tile in tiles)
        self._narrowest = _WITH_PICTURE if has_pictures else _NARROWEST
        self._tiles.set_tiles(tiles)
        self._empty.setVisible(not tiles)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the columns fill the width."""
        self._fit()
        self._empty.setGeometry(self.viewport().rect())
        super().resizeEvent(event)

    def _fit(self) -> None:
        # Qt keeps room for a scroll bar, seen or not, and breaks a row that is as wide as the rest.
        extent = QStyle.PixelMetric.PM_ScrollBarExtent
        bar = self.style().pixelMetric(extent, None, self.verticalScrollBar())
        width = self.maximumViewportSize().width() - bar - 1
        columns = max(2, width // self._narrowest)
        self._painter.size = QSize(width // columns, _HEIGHT)
        self.setGridSize(self._painter.size)

    def keyboardSearch(self, _search: str) -> None:
        """Do nothing: letters belong to the search line."""

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(_ROW_ROLE))

    def _activate(self, index: QModelIndex) -> None:
        if self.hasFocus():
            self.chosen.emit(index.data(_ROW_ROLE))

    def _redraw(self, _key: str) -> None:
        self.viewport().update()


class GroupBar(QScrollArea):
    """The groups as a row of buttons that scrolls sideways. Signal: `chosen(id)`."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[TileGroup, ...] = ()
        self._buttons: list[ChoiceButton] = []
        self._inner = QWidget()
        self._inner.setProperty("role", "scrolled")
        self._row = QHBoxLayout(self._inner)
        self._row.setContentsMargins(theme.S1, 0, 0, 0)
        self._row.setSpacing(theme.S1)
        self._row.addStretch()
        self.setWidget(self._inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(theme.current().density.control_small + theme.S1)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.setAccessibleName(i18n.tr("kiosk.tiles.groups"))

    def set_groups(self, groups: Sequence[TileGroup], chosen_id: str) -> None:
        """Show these groups, one of them chosen."""
        if tuple(groups) != self._groups:
            self._groups = tuple(groups)
            for button in self._buttons:
                self._row.removeWidget(button)
                button.deleteLater()
            self._buttons = [self._button(group) for group in groups]
            for place, button in enumerate(self._buttons):
                self._row.insertWidget(place, button)
        for button in self._buttons:
            button.setChecked(button.value == chosen_id)
            button.set_look(Look.PLAIN if button.isChecked() else Look.GHOST)

    def _button(self, group: TileGroup) -> ChoiceButton:
        button = ChoiceButton(group.id, group.text, group.icon, small=True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(button.picked, self._choose)
        return button

    def _choose(self, group_id: str) -> None:
        self.chosen.emit(group_id)


class TilesPane(QWidget):
    """Groups over tiles. Signal: `chosen(TileRow)`."""

    chosen = Signal(object)

    def __init__(self, view_model: TilesViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.groups = GroupBar()
        self.grid = TileGrid()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S1)
        column.addWidget(self.groups)
        column.addWidget(self.grid, 1)
        connect(view_model.changed, self._show)
        connect(self.groups.chosen, view_model.choose)
        connect(self.grid.chosen, self._choose)

    def _show(self) -> None:
        self.groups.set_groups(self._view_model.groups, self._view_model.group_id)
        self.grid.set_tiles(self._view_model.tiles)

    def _choose(self, tile: object) -> None:
        self.chosen.emit(tile)
