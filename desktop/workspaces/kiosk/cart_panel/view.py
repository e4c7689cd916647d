"""The cart as the cashier sees it: customer, lines, what is done to a line, totals, PAY."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import fonts, i18n, icons, theme
from desktop.ui.actions import ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.key_hint import hint_width, paint_hint
from desktop.ui.label import Label, MoneyLabel, Role, rule
from desktop.ui.table_model import TableModel
from desktop.workspaces.kiosk.cart_lines.view import CartLines
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.sale.rows import COLUMNS, CartRow
from desktop.workspaces.kiosk.tender.view_model import TenderViewModel

_TOTAL_SIZE = 48
_TOTAL_SIZE_LARGE = 68
_PAY_HEIGHT = 80
_PAY_HEIGHT_LARGE = 108
_LARGER = 6
_TALL = 860
_TILE_HEIGHT = 60


class ActionTile(QAbstractButton):
    """An action as a square to tap: icon over word, its key in the corner."""

    def __init__(self, live: LiveAction, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._count = ""
        self.setToolTip(live.tip())
        self.setAccessibleName(live.text())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setEnabled(live.isEnabled())
        connect(self.clicked, live.trigger)
        connect(live.enabledChanged, self.setEnabled)

    def set_count(self, count: int) -> None:
        """Show a figure beside the word; 0 shows none."""
        shown = i18n.format_number(count) if count else ""
        if shown == self._count:
            return
        self._count = shown
        self.setAccessibleName(f"{self._live.text()} {self._count}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(76, _TILE_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(56, _TILE_HEIGHT)

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        is_on = self.isEnabled()
        ground = "sunken" if self.isDown() or not is_on else "surface"
        painter.setBrush(theme.colour("hover" if self.underMouse() and is_on else ground))
        painter.setPen(theme.pen("focus", 2) if self.hasFocus() else theme.pen("line_strong"))
        painter.drawRoundedRect(box, 6, 6)
        ink = theme.colour("text" if is_on else "control_line")
        size = theme.current().density.icon - 2
        left = box.center().x() - size / 2
        if self._has_hint():
            is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
            left = box.right() - size - 12 if is_mirrored else box.left() + 12
        mark = QRectF(left, box.top() + 9, size, size)
        icons.paint(painter, self._live.action.icon, ink, at=mark)
        self._paint_words(painter, box, ink)
        self._paint_keys(painter, box)
        painter.end()

    def _paint_words(self, painter: QPainter, box: QRectF, ink: QColor) -> None:
        size = theme.current().density.type.small - 1
        font = fonts.money_font(size, fonts.MEDIUM)
        words = f"{self._live.text()} {self._count}".strip()
        room = QRectF(box.left() + 3, box.bottom() - 24, box.width() - 6, 20)
        if QFontMetricsF(font).horizontalAdvance(words) > room.width():
            # Smaller letters say more than half a word.
            font = fonts.money_font(size - 2, fonts.MEDIUM)
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, shown)

    def _has_hint(self) -> bool:
        keys = self._live.action.keys
        return bool(keys) and self.isEnabled() and hint_width(keys[0]) < self.width() - 52

    def _paint_keys(self, painter: QPainter, box: QRectF) -> None:
        if not self._has_hint():
            return
        keys = self._live.action.keys[0]
        width = hint_width(keys)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = box.left() + 8 if is_mirrored else box.right() - width - 8
        paint_hint(painter, QRectF(left, box.top() + 10, width, 20), keys)


class TotalButton(QAbstractButton):
    """The one big button: a word and an amount."""

    def __init__(self, text: str, keys: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._keys, self._amount = text, keys, "-"
        self._is_large = False
        self.setToolTip(f"{text}  ({keys})")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_amount("")

    def set_amount(self, amount: str) -> None:
        """Show an amount, ready to read."""
        if amount == self._amount:
            return
        self._amount = amount
        self.setAccessibleName(f"{self._words} {amount}".strip())
        self.update()

    def set_large(self, *, is_large: bool) -> None:
        """Take more room, where there is more."""
        if is_large != self._is_large:
            self._is_large = is_large
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(320, _PAY_HEIGHT_LARGE if self._is_large else _PAY_HEIGHT)

    def enterEvent(self, event: object) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = "accent_pressed" if self.isDown() else "accent"
        if self.isEnabled() and self.underMouse() and not self.isDown():
            ground = "accent_hover"
        painter.setPen(theme.pen("text", 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground if self.isEnabled() else "line_strong"))
        painter.drawRoundedRect(box, 10, 10)
        ink = theme.colour("on_accent" if self.isEnabled() else "text_subtle")
        painter.setPen(ink)
        # The painter turns them round where lines begin at the right.
        start, end = Qt.AlignmentFlag.AlignLeading, Qt.AlignmentFlag.AlignTrailing
        room = box.adjusted(20, 0, -20, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        scale = theme.current().density.type
        more = _LARGER if self._is_large else 0
        painter.setFont(theme.heading_font(scale.title - 2 + more))
        painter.drawText(room, int(start | middle), self._words)
        painter.setFont(theme.figures_font(scale.title + 4 + more))
        painter.drawText(room, int(end | middle), self._amount)
        painter.end()


class CustomerChip(Button):
    """Whose sale it is; tapping finds another."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(
            i18n.tr("kiosk.customer.none"), "user", look=Look.GHOST, small=True, parent=parent
        )
        self._name = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        side = "right" if is_mirrored else "left"
        base = theme.current().density.type.base
        self.setStyleSheet(f"text-align: {side}; font-size: {base}px;")

    def set_customer(self, name: str) -> None:
        """Show a name, or that nobody is known."""
        if name == self._name:
            return
        self._name = name
        self._fit()
        words = name or i18n.tr("kiosk.customer.none")
        self.setAccessibleName(i18n.tr("kiosk.customer.chip", name=words))
        self.set_icon("user-check" if name else "user")
        self.set_look(Look.PLAIN if name else Look.GHOST)

    def minimumSizeHint(self) -> QSize:
        """Leave the width to the panel; a long name gives way."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the name to the room there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        words = self._name or i18n.tr("kiosk.customer.none")
        room = max(self.width() - self.iconSize().width() - theme.S8, 0)
        shown = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room)
        escaped = shown.replace("&", "&&")
        if escaped != self.text():
            self.setText(escaped)


class _Figures(QWidget):
    """Small rows of words and amounts that come and go."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        small = theme.current().density.type.small + 1
        self._rows = [(Label("", Role.MUTED), MoneyLabel("", small)) for _ in range(most)]
        for line, (words, figure) in enumerate(self._rows):
            self._grid.addWidget(words, line, 0)
            self._grid.addWidget(figure, line, 1)

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these rows; further ones stay empty."""
        for place, (words, figure) in enumerate(self._rows):
            is_used = place < len(rows)
            words.setVisible(is_used)
            figure.setVisible(is_used)
            if is_used:
                words.setText(rows[place][0])
                figure.setText(rows[place][1])


class CartPanel(QFrame):
    """Signals: `pay_asked`, `back_asked`, `customer_asked`."""

    pay_asked = Signal()
    back_asked = Signal()
    customer_asked = Signal()

    def __init__(self, tender: TenderViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tender = tender
        self._sale = tender.sale
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows = TableModel(COLUMNS, self)
        self.lines = CartLines(self._rows)
        self.lines.horizontalHeader().hide()
        self.lines.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        QScroller.grabGesture(self.lines.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.lines.set_empty(
            "scan-barcode", i18n.tr("kiosk.cart.empty"), i18n.tr("kiosk.cart.empty.text")
        )
        self.customer = CustomerChip()
        self.pay = TotalButton(i18n.tr("kiosk.pay"), "F12")
        self._back = Button(i18n.tr("kiosk.tender.back"), "arrow-left")
        self._tiles = QHBoxLayout()
        self._tiles.setSpacing(theme.S1)
        self._figures = _Figures(4)
        self._total = MoneyLabel("", _TOTAL_SIZE)
        self._count = Label("", Role.MUTED)
        self._lay()
        # It tells of the sale's changes too, after its own.
        connect(tender.changed, self._show)
        connect(self.lines.clicked, self._on_clicked)
        connect(self.pay.clicked, self._pay)
        connect(self._back.clicked, self._go_back)
        connect(self.customer.clicked, self._ask_customer)

    def add_line_actions(self, actions: ActionSet, ids: Sequence[str]) -> None:
        """Offer these actions on the marked line."""
        for action_id in ids:
            self._tiles.addWidget(ActionTile(actions.get(action_id)), 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The more room, the further away the total can be read."""
        super().resizeEvent(event)
        is_large = self.height() >= _TALL
        self._total.set_size(_TOTAL_SIZE_LARGE if is_large else _TOTAL_SIZE)
        self.pay.set_large(is_large=is_large)

    def total_text(self) -> str:
        """Give the total as shown."""
        return self._total.text()

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S3, theme.S2, theme.S3, theme.S3)
        column.setSpacing(theme.S2)
        column.addWidget(self.customer)
        column.addWidget(self.lines, 1)
        column.addLayout(self._tiles)
        column.addWidget(rule())
        column.addWidget(self._figures)
        low = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(Label(i18n.tr("kiosk.total"), Role.HEADING))
        words.addWidget(self._count)
        words.addStretch()
        low.addLayout(words)
        low.addWidget(self._total, 1)
        column.addLayout(low)
        column.addWidget(self.pay)
        column.addWidget(self._back)
        self._back.hide()

    def _show(self) -> None:
        sale = self._sale
        if sale.till.state is None:
            return
        self.lines.show_rows(sale.rows)
        if sale.marked_id:
            self.lines.select_key(sale.marked_id)
        self.customer.set_customer(sale.cart.customer_name)
        self._figures.show_rows(self._figure_rows())
        total = i18n.format_money(sale.total_amount, sale.till.currency)
        self._total.setText(total)
        self._count.setText(i18n.tr("kiosk.lines", count=len(sale.rows)))
        self.pay.set_amount(total if sale.rows else "")
        stage = self._tender.stage
        is_tendering = stage is Stage.TENDERING
        self.pay.setVisible(not is_tendering)
        self._back.setVisible(is_tendering)
        self._back.setEnabled(not sale.cart.tenders)
        self.pay.setEnabled(self._tender.can_pay)

    def _figure_rows(self) -> list[tuple[str, str]]:
        price, currency = self._sale.price, self._sale.till.currency
        rows: list[tuple[str, str]] = []
        if price is None or not price.lines:
            return rows
        if price.discount_amount:
            off = i18n.format_money(-price.discount_amount, currency)
            rows.append((i18n.tr("kiosk.cart.discount"), off))
        if not price.is_tax_inclusive:
            rows.append((i18n.tr("kiosk.cart.net"), i18n.format_money(price.net_amount, currency)))
        key = "kiosk.cart.tax.inside" if price.is_tax_inclusive else "kiosk.cart.tax.on_top"
        rows.append((i18n.tr(key), i18n.format_money(price.tax_amount, currency)))
        if self._sale.cart.note:
            rows.append((i18n.tr("kiosk.cart.note", note=self._sale.cart.note), ""))
        return rows

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self._rows.row_at(index.row())
        if isinstance(row, CartRow):
            self._sale.mark(row.id)

    def _pay(self) -> None:
        self.pay_asked.emit()

    def _go_back(self) -> None:
        self.back_asked.emit()

    def _ask_customer(self) -> None:
        self.customer_asked.emit()
