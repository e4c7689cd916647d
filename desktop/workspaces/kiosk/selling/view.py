"""The till: finding and tiles at the left, the cart at the right, money where the tiles were."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.actions import ActionSet, LiveAction, check_keys
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.sheet import top_sheet
from desktop.ui.sounds import Sounds, Tone
from desktop.workspaces.kiosk import keys
from desktop.workspaces.kiosk.asking.view import SaleIntents
from desktop.workspaces.kiosk.cart_panel.view import ActionTile, CartPanel
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.catalog.rows import HitRow, TileRow
from desktop.workspaces.kiosk.catalog.view import FindBar, HitList, NoticeBar, codes_text
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.drawer.view import TillIntents
from desktop.workspaces.kiosk.reprint.view import PaperIntents
from desktop.workspaces.kiosk.tender.view import PaidPane, TenderPane
from desktop.workspaces.kiosk.tiles.view import TilesPane
from shared.kernel.errors import Rejected
from shared.pos.tables import ReceiptRow

_CART_SHARE, _NARROWEST_CART, _WIDEST_CART = 0.4, 430, 720


class TillView(QWidget):
    """Signals: `refund_asked`, `closing_asked`, `told(text)`."""

    refund_asked = Signal()
    closing_asked = Signal()
    told = Signal(str)

    def __init__(
        self,
        counter: Counter,
        *,
        sounds: Sounds,
        window_actions: ActionSet,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._window_actions = window_actions
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._counter = counter
        self._sounds = sounds
        self._stage = Stage.SELLING
        self._refusal: Rejected | None = None
        self._make_actions()
        self.bar = FindBar(counter.find)
        self.notice = NoticeBar()
        self.tiles = TilesPane(counter.tiles)
        self.hits = HitList(counter.find)
        self.tender = TenderPane(counter.tender)
        self.paid = PaidPane(counter.tender)
        self.cart = CartPanel(counter.tender)
        self._lay()
        self._join()

    def _make_actions(self) -> None:
        self._sale_intents = SaleIntents(self._counter, self)
        self._till_intents = TillIntents(self._counter, self)
        self._paper_intents = PaperIntents(self._counter, self)
        self.sale_actions = ActionSet(keys.SALE, target=self._sale_intents, widget=self)
        self.till_actions = ActionSet(keys.TILL, target=self._till_intents, widget=self)
        self.paper_actions = ActionSet(keys.PAPER, target=self._paper_intents, widget=self)
        check_keys(keys.SALE, keys.TILL, keys.PAPER, keys.WINDOW)

    def live_actions(self) -> list[LiveAction]:
        """Give everything that keys do here."""
        return [
            *self.sale_actions.live(),
            *self.till_actions.live(),
            *self.paper_actions.live(),
        ]

    def opened(self) -> None:
        """Be ready for the next scan."""
        self._counter.tiles.start()
        self._counter.sale.reprice()
        self._show()
        self._focus()

    def scan(self, code: str) -> None:
        """Take a scanned code; it is never typed anywhere."""
        self._counter.find.scan(code)

    @property
    def stage(self) -> QWidget:
        """The part beside the cart, above the tiles of actions."""
        return self._stack

    def peek(self, letter: str) -> None:
        """A letter may be on its way into the search line."""
        field = self.bar.field
        if field.hasFocus() and not field.hasSelectedText():
            at = field.cursorPosition()
            self._counter.find.peek(field.text()[:at] + letter + field.text()[at:])

    # -- layout

    def _lay(self) -> None:
        self._stack = QStackedWidget()
        for pane in (self.tiles, self.hits, self.tender, self.paid):
            self._stack.addWidget(pane)
        left = QVBoxLayout()
        left.setContentsMargins(theme.S3, theme.S3, theme.S3, theme.S3)
        left.setSpacing(theme.S2)
        left.addWidget(self.bar)
        left.addWidget(self.notice)
        left.addWidget(self._stack, 1)
        left.addLayout(self._foot())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.cart)
        self.cart.add_line_actions(self.sale_actions, keys.LINE_ACTIONS)

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.S1)
        for action_id in keys.SALE_TILES:
            tile = ActionTile(self.sale_actions.get(action_id))
            row.addWidget(tile, 1)
            if action_id == "till.recall":
                self._recall = tile
        for action_id in keys.TILL_TILES:
            row.addWidget(ActionTile(self.till_actions.get(action_id)), 1)
        row.addWidget(ActionTile(self._window_actions.get("till.lock")), 1)
        self._more = Button("", "ellipsis", name=i18n.tr("kiosk.more"))
        self._more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(self._more.clicked, self._open_more)
        row.addWidget(self._more)
        self._menu = self._make_menu()
        return row

    def _make_menu(self) -> QMenu:
        menu = self.sale_actions.menu(keys.SALE_MORE, self)
        for actions, ids in (
            (self.paper_actions, keys.PAPER_MORE),
            (self.till_actions, keys.TILL_MORE),
            (self._window_actions, keys.WINDOW_MORE),
        ):
            menu.addSeparator()
            for action_id in ids:
                menu.addAction(actions.get(action_id))
        return menu

    def _join(self) -> None:
        counter = self._counter
        for signal, method in (
            (counter.tender.changed, self._show),
            (counter.find.changed, self._show),
            (counter.sale.rejected, self._refuse),
            (counter.find.rejected, self._refuse),
            (counter.find.refused, self._buzz),
            (counter.find.weighed, self._ask_weight),
            (counter.sale.line_added, self._on_added),
            (self.tiles.chosen, self._on_tile),
            (self.hits.chosen, self._on_hit),
            (self.notice.first, self._on_first),
            (self.notice.second, self._on_second),
            (self.notice.dismissed, self._on_dismissed),
            (self.cart.pay_asked, self._pay),
            (self.cart.back_asked, counter.tender.back),
            (self.cart.customer_asked, self._ask_customer),
            (self.paid.next_asked, counter.tender.dismiss),
            (self.paid.copy_asked, self._copy),
            (self.paid.show_asked, self._show_receipt),
            (self.paid.save_asked, self._save_receipt),
            (self.bar.field.escaped, self._let_go),
            (counter.find.worded, self._on_worded),
            (self._sale_intents.search_asked, self._focus_search),
            (self._till_intents.refund_asked, self._on_refund),
            (self._till_intents.closing_asked, self._on_closing),
            (self._till_intents.told, self._tell),
            (self._paper_intents.told, self._tell),
        ):
            connect(signal, method)

    # -- keys and size

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes one step back and never clears the cart; letters go to the search line."""
        stage = self._counter.carts.stage
        if event.key() == Qt.Key.Key_Escape:
            if stage is Stage.TENDERING:
                self._counter.tender.back()
            elif stage is Stage.PAID:
                self._counter.tender.dismiss()
            self._let_go()
        elif event.text().isprintable() and event.text() and stage is not Stage.TENDERING:
            self._counter.carts.dismiss()
            self._focus_search()
            self.bar.field.insert(event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the cart its share."""
        super().resizeEvent(event)
        wanted = round(self.width() * _CART_SHARE)
        self.cart.setFixedWidth(max(_NARROWEST_CART, min(_WIDEST_CART, wanted)))

    # -- what is shown

    def _show(self) -> None:
        stage = self._counter.carts.stage
        if stage is Stage.TENDERING:
            pane: QWidget = self.tender
        elif stage is Stage.PAID:
            pane = self.paid
        elif stage is Stage.SUBMITTING:
            pane = self._stack.currentWidget() or self.tiles
        else:
            pane = self.hits if self._counter.find.words else self.tiles
        is_new = stage is not self._stage and stage is not Stage.SUBMITTING
        if is_new and Stage.PAID in {stage, self._stage}:
            self._refusal = None
        self._stack.setCurrentWidget(pane)
        self.bar.setEnabled(stage in {Stage.SELLING, Stage.PAID})
        carts = self._counter.carts
        self._recall.set_count(len(carts.parked) + len(carts.at_others))
        self._show_notice()
        if is_new:
            self._stage = stage
            self._focus()

    def _show_notice(self) -> None:
        find = self._counter.find
        if find.waiting_codes:
            count = len(find.waiting_codes)
            codes = codes_text(find.waiting_codes)
            self.notice.tell(
                i18n.tr("kiosk.find.waiting", count=count, codes=codes),
                first=i18n.tr("kiosk.find.add_waiting"),
                second=i18n.tr("kiosk.find.drop_waiting"),
            )
        elif find.unknown_codes:
            codes = codes_text(find.unknown_codes)
            self.notice.tell(
                i18n.tr("kiosk.find.unknown", codes=codes),
                first=i18n.tr("kiosk.find.search_name"),
                second=i18n.tr("kiosk.find.open_price"),
                tone=theme.Tone.DANGER,
            )
        elif self._refusal is not None:
            self.notice.tell(i18n.error_text(self._refusal), tone=theme.Tone.DANGER)
        else:
            self.notice.hide()

    def _focus(self) -> None:
        stage = self._counter.carts.stage
        if stage is Stage.TENDERING:
            self.tender.begin()
        elif stage is Stage.PAID:
            self.paid.begin()
        else:
            self._focus_search()

    def _focus_search(self) -> None:
        self.bar.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what happens

    def _refuse(self, error: Rejected) -> None:
        self._refusal = error
        self._buzz("")
        self._show_notice()

    def _buzz(self, _code: str) -> None:
        self._sounds.play(Tone.REFUSE)
        self.notice.blink()

    def _let_go(self) -> None:
        """Put away what was refused; codes that wait for a word stay."""
        self._refusal = None
        self._counter.find.drop_unknown()
        self._show_notice()

    def _on_worded(self, _text: str) -> None:
        if top_sheet(self) is None:
            self._focus_search()

    def _on_added(self, _line_id: str) -> None:
        self._refusal = None
        self._show_notice()

    def _ask_weight(self, _line_id: str) -> None:
        tasks.spawn(self, self._sale_intents.qty())

    def _pay(self) -> None:
        tasks.spawn(self, self._till_intents.pay())

    def _ask_customer(self) -> None:
        tasks.spawn(self, self._sale_intents.customer())

    def _on_tile(self, tile: object) -> None:
        if isinstance(tile, TileRow):
            self._counter.find.choose(tile.variant)
            self._focus_search()

    def _on_hit(self, hit: object) -> None:
        if isinstance(hit, HitRow):
            self._counter.find.choose(hit.variant)
            self._focus_search()

    def _on_first(self) -> None:
        find = self._counter.find
        if find.waiting_codes:
            find.take_waiting()
        else:
            find.drop_unknown()
        self._focus_search()

    def _on_second(self) -> None:
        find = self._counter.find
        if find.waiting_codes:
            find.drop_waiting()
        else:
            find.drop_unknown()
            tasks.spawn(self, self._sale_intents.open_line())
        self._focus_search()

    def _on_dismissed(self) -> None:
        self._refusal = None
        if self._counter.find.waiting_codes:
            self._counter.find.drop_waiting()
        else:
            self._counter.find.drop_unknown()
        self._focus_search()

    def _open_more(self) -> None:
        height = self._menu.sizeHint().height()
        self._menu.popup(self._more.mapToGlobal(QPoint(0, -height)))

    def _copy(self) -> None:
        tasks.spawn(self, self._paper_intents.copy())

    def show_receipt(self, receipt: ReceiptRow) -> None:
        """Show a receipt as it stands on paper."""
        tasks.spawn(self, self._paper_intents.show_receipt(receipt))

    def _show_receipt(self) -> None:
        receipt = self._counter.tender.receipt
        if receipt is not None:
            self.show_receipt(receipt)

    def _save_receipt(self) -> None:
        receipt = self._counter.tender.receipt
        if receipt is not None:
            tasks.spawn(self, self._paper_intents.save(receipt))

    def _on_refund(self) -> None:
        self.refund_asked.emit()

    def _on_closing(self) -> None:
        self.closing_asked.emit()

    def _tell(self, text: str) -> None:
        self.told.emit(text)
