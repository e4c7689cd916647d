"""The home page: tiles that lead somewhere, first steps, latest orders, low stock."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import fonts, i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.card import Card, StatTile, Trend
from desktop.ui.label import Icon, Label, Role
from desktop.ui.table_view import TableView
from desktop.ui.theme import Tone
from desktop.workspaces.merchant.home.rows import Glance, LowRow, RecentRow
from desktop.workspaces.merchant.home.view_model import HomeViewModel
from desktop.workspaces.merchant.parts.page.view import Column, Page, TwoColumns
from desktop.workspaces.merchant.words import CHANNEL_BADGES
from shared.reports.queries import SalesToday

# Many times as much says nothing beside a week with hardly any sales.
_MOST_PERCENT = 999
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class LinkTile(StatTile):
    """A figure that leads to its screen, by mouse and by keyboard."""

    def __init__(self, name: str, icon: str) -> None:
        super().__init__(name, icon=icon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(96)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes there."""
        if event.key() in _ENTER:
            self.chosen.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the focus over the card."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.pen("focus", 2))
            radius = theme.current().density.radius_card
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
            painter.end()


@dataclass(frozen=True, slots=True)
class Bar:
    """One channel with its share of the day, from 0 to 1000; texts are written for people."""

    name: str
    amount: str
    count: str
    share: int


class ChannelBars(QWidget):
    """Channels under each other, each with a bar as long as its share."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show these channels."""
        self._bars = bars
        self.setFixedHeight(max(1, len(bars)) * 44)
        self.setAccessibleName("; ".join(f"{bar.name} {bar.amount} {bar.count}" for bar in bars))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint name, count and amount over each bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(self.layoutDirection())
        for place, bar in enumerate(self._bars):
            self._paint_bar(painter, QRectF(0, place * 44, self.width(), 36), bar)
        painter.end()

    def _paint_bar(self, painter: QPainter, room: QRectF, bar: Bar) -> None:
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        middle = Qt.AlignmentFlag.AlignVCenter
        words = QRectF(room.left(), room.top(), room.width(), 22)
        size = theme.current().density.type
        painter.setPen(theme.pen("text"))
        painter.setFont(fonts.text_font(size.base))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeading | middle, bar.name)
        painter.setFont(fonts.money_font(size.base, fonts.MEDIUM))
        painter.drawText(words, Qt.AlignmentFlag.AlignTrailing | middle, bar.amount)
        painter.setPen(theme.pen("text_subtle"))
        painter.setFont(fonts.money_font(size.small))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, bar.count)
        track = QRectF(room.left(), room.top() + 26, room.width(), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(track, 3, 3)
        width = max(6.0, track.width() * bar.share / 1000)
        left = track.right() - width if is_mirrored else track.left()
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(QRectF(left, track.top(), width, 6), 3, 3)


class Step(QWidget):
    """One of the first steps: done or to be done, with a button. Signal: `chosen`."""

    chosen = Signal()

    def __init__(self, title_key: str, *, action_key: str) -> None:
        super().__init__()
        self._title_key = title_key
        self._mark = Icon("circle", "text_subtle", 20)
        self._button = Button(i18n.tr(action_key), small=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(i18n.tr(title_key), Role.LABEL))
        words.addWidget(Label(i18n.tr(f"{title_key}.text"), Role.SMALL, wraps=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.S1, 0, theme.S1)
        row.setSpacing(theme.S3)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        connect(self._button.clicked, self._choose)

    def show_done(self, *, is_done: bool) -> None:
        """Tick it off, or not."""
        self._mark.set_icon("circle-check" if is_done else "circle", "ok" if is_done else "")
        self._button.setVisible(not is_done)
        state = i18n.tr("merchant.home.step.done" if is_done else "merchant.home.step.open")
        self.setAccessibleName(f"{i18n.tr(self._title_key)}: {state}")

    def _choose(self) -> None:
        self.chosen.emit()


class HomeView(Page):
    """Shows the home page."""

    def __init__(self, view_model: HomeViewModel) -> None:
        super().__init__(i18n.tr("merchant.home"))
        self._vm = view_model
        view_model.setParent(self)
        self._column = Column()
        self.set_column(self._column)
        self._column.content.addWidget(self._first_steps())
        self._column.content.addLayout(self._tiles())
        self._column.content.addWidget(self._details(), 1)
        connect(view_model.changed, self._show)
        view_model.start()
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the first tile."""
        return self._sales

    # -- parts

    def _tiles(self) -> QGridLayout:
        self._sales = LinkTile(i18n.tr("merchant.home.sales"), "banknote")
        self._ship = LinkTile(i18n.tr("merchant.home.ship"), "truck")
        self._cases = LinkTile(i18n.tr("merchant.home.cases"), "inbox")
        self._sync = LinkTile(i18n.tr("merchant.home.unsent"), "cloud-upload")
        tiles: tuple[tuple[LinkTile, Callable[[], None]], ...] = (
            (self._sales, self._vm.show_orders),
            (self._ship, self._vm.show_to_ship),
            (self._cases, self._vm.show_cases),
            (self._sync, self._vm.show_sync),
        )
        grid = QGridLayout()
        grid.setSpacing(theme.S4)
        for place, (tile, intent) in enumerate(tiles):
            connect(tile.chosen, intent)
            grid.addWidget(tile, 0, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _first_steps(self) -> Card:
        self._steps_card = Card(i18n.tr("merchant.home.steps"))
        wanted: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("products", "merchant.home.step.products.action", self._vm.import_products),
            ("rates", "merchant.home.step.rates.action", self._vm.show_settings),
            ("staff", "merchant.home.step.staff.action", self._vm.show_settings),
            ("till", "merchant.home.step.till.action", self._vm.show_sync),
        )
        self._steps: dict[str, Step] = {}
        for name, action_key, intent in wanted:
            step = Step(f"merchant.home.step.{name}", action_key=action_key)
            connect(step.chosen, intent)
            self._steps[name] = step
            self._steps_card.body.addWidget(step)
        self._steps_card.hide()
        return self._steps_card

    def _details(self) -> TwoColumns:
        both = TwoColumns()
        self._channels_card = Card(i18n.tr("merchant.home.channels"))
        self._channels = ChannelBars()
        self._no_sales = Label(i18n.tr("merchant.home.no_sales"), Role.MUTED, wraps=True)
        self._channels_card.body.addWidget(self._channels)
        self._channels_card.body.addWidget(self._no_sales)
        self._recent = TableView(self._vm.recent, name=i18n.tr("merchant.home.recent"))
        self._recent.set_empty(
            "shopping-bag", i18n.tr("merchant.home.recent.empty"), i18n.tr("merchant.orders.hint")
        )
        connect(self._recent.activated_row, self._open_recent)
        recent = _list_card(i18n.tr("merchant.home.recent"), self._recent, rows=8)
        self._low = TableView(self._vm.low, name=i18n.tr("merchant.home.low"))
        self._low.horizontalHeader().hide()
        self._low.set_empty("package-check", i18n.tr("merchant.home.low.empty"))
        connect(self._low.activated_row, self._open_low)
        self._low_note = Label("", Role.SMALL)
        low = _list_card(i18n.tr("merchant.home.low"), self._low, rows=4)
        low.head.addWidget(self._low_note)
        both.wide.addWidget(recent, 1)
        both.narrow.addWidget(self._channels_card)
        both.narrow.addWidget(low, 1)
        return both

    # -- state

    def _show(self) -> None:
        glance = self._vm.glance
        self._show_sync()
        if glance is None:
            return
        self._show_steps(glance)
        self._show_waiting(glance)
        if glance.sales is not None:
            self._show_sales(glance.sales)
        alerts = self._vm.alerts
        if alerts is not None:
            self._low_note.setText(
                i18n.tr("merchant.home.low.note", low=alerts.low_count, out=alerts.out_count)
            )

    def _show_steps(self, glance: Glance) -> None:
        done = {
            "products": glance.setup.has_products,
            "rates": glance.setup.has_tax_rates,
            "staff": glance.setup.has_staff,
            "till": glance.setup.has_paired_till,
        }
        for name, step in self._steps.items():
            step.show_done(is_done=done[name])
        self._steps_card.setVisible(self._vm.is_new)

    def _show_sales(self, sales: SalesToday) -> None:
        self.header.set_note(i18n.format_date(sales.business_on, "full"))
        self._sales.set_value(i18n.format_money(sales.total_amount, sales.currency))
        self._sales.set_points(list(sales.daily_amounts) if any(sales.daily_amounts) else [])
        trend = _trend(sales)
        if trend is None:
            self._sales.set_note(i18n.tr("merchant.orders.count", count=sales.order_count))
        else:
            self._sales.set_trend(*trend)
        most = max((row.total_amount for row in sales.channels), default=0) or 1
        self._channels.set_bars(
            tuple(
                Bar(
                    i18n.tr(CHANNEL_BADGES[row.channel].text_key),
                    i18n.format_money(row.total_amount, sales.currency),
                    i18n.tr("merchant.orders.count", count=row.order_count),
                    max(0, row.total_amount * 1000 // most),
                )
                for row in sales.channels
            )
        )
        self._channels.setVisible(bool(sales.channels))
        self._no_sales.setVisible(not sales.channels)

    def _show_waiting(self, glance: Glance) -> None:
        now = self._vm.office.desk.clock.now()
        for tile, waiting in ((self._ship, glance.to_ship), (self._cases, glance.to_settle)):
            tile.set_value(i18n.format_number(waiting.count))
            if waiting.oldest_at is None:
                tile.set_note(i18n.tr("merchant.home.nothing_waits"), Tone.OK)
            else:
                age = i18n.format_relative(waiting.oldest_at, now)
                tile.set_note(i18n.tr("merchant.home.oldest", age=age))

    def _show_sync(self) -> None:
        sync = self._vm.sync_status
        self._sync.set_value(i18n.format_number(sync.unsent_count))
        if sync.is_online:
            self._sync.set_note(i18n.tr("sync.online"), Tone.OK)
        else:
            self._sync.set_note(i18n.tr("sync.offline"), Tone.WARN)

    def _open_recent(self, row: RecentRow) -> None:
        self._vm.open_recent(row)

    def _open_low(self, row: LowRow) -> None:
        self._vm.open_low(row)


def _list_card(title: str, table: TableView, *, rows: int) -> Card:
    card = Card(title, flush=True)
    density = theme.current().density
    header = 0 if table.horizontalHeader().isHidden() else density.control + theme.S1
    table.setMinimumHeight(density.row * rows + header)
    card.body.addWidget(table, 1)
    return card


def _trend(sales: SalesToday) -> tuple[Trend, str, Tone] | None:
    orders = i18n.tr("merchant.orders.count", count=sales.order_count)
    before = sales.week_before_amount
    change = abs(sales.total_amount - before) * 100 // before if before else 0
    if not before or change > _MOST_PERCENT:
        return None
    percent = i18n.format_percent(change * 100)
    if sales.total_amount >= before:
        text = i18n.tr("merchant.home.more", percent=percent)
        return Trend.UP, f"{orders} · {text}", Tone.OK
    text = i18n.tr("merchant.home.less", percent=percent)
    return Trend.DOWN, f"{orders} · {text}", Tone.NEUTRAL
