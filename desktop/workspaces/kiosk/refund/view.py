"""A return on screen: the receipt, the lines that come back, and what is given for them."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.columns import Badge, Column, Kind, fixed, stretch
from desktop.ui.empty_state import RoundIcon
from desktop.ui.label import Label, MoneyLabel, Role, rule
from desktop.ui.search_field import SearchField
from desktop.ui.sheet import present, top_sheet
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.ui.theme import Tone
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.approval.rows import Asked
from desktop.workspaces.kiosk.approval.view import approved_by
from desktop.workspaces.kiosk.ports import Gate
from desktop.workspaces.kiosk.prompts.view import Choices, ReasonPicker, reference_sheet
from desktop.workspaces.kiosk.refund.rows import (
    RECEIPT_COLUMNS,
    ReceiptListRow,
    RefundRow,
    refund_asked,
)
from desktop.workspaces.kiosk.refund.view_model import RefundViewModel
from shared.kernel.errors import Bug, Rejected
from shared.kernel.ids import UserId
from shared.kernel.permissions import Permission
from shared.payments.commands import TenderKind

_SIDE_WIDTH = 460
_FINDING, _CHOOSING, _GIVEN = 0, 1, 2
_TOTAL_SIZE = 48
_REASONS = (
    "kiosk.reason.unwanted",
    "kiosk.reason.faulty",
    "kiosk.reason.wrong_size",
    "kiosk.reason.mistake",
)
_TENDERS = {TenderKind.CASH: "banknote", TenderKind.CARD_EXTERNAL: "credit-card"}
_COLUMNS = (
    Column(
        key="name",
        title_key="kiosk.refund.name",
        width=stretch(1, 16),
        strong=True,
        detail="detail",
    ),
    Column(
        key="restock_key",
        title_key="kiosk.refund.restock",
        kind=Kind.BADGE,
        width=fixed(12),
        badges={
            "restock": Badge("kiosk.refund.to_shelf", Tone.OK, "package-check"),
            "scrap": Badge("kiosk.refund.scrap", Tone.WARN, "trash-2"),
        },
    ),
    Column(key="qty_text", title_key="kiosk.refund.qty", kind=Kind.CODE, width=fixed(5)),
    Column(key="amount", title_key="kiosk.refund.amount", kind=Kind.MONEY, width=fixed(9)),
)


class RefundView(QWidget):
    """Signals: `left_asked` to go back to selling, `show_asked` for the receipt."""

    left_asked = Signal()
    show_asked = Signal()

    def __init__(
        self,
        view_model: RefundViewModel,
        *,
        desk: Desk,
        gate: Gate,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._desk, self._gate = desk, gate
        self._search = SearchField(i18n.tr("kiosk.refund.search"))
        self._receipts = TableModel(RECEIPT_COLUMNS, self)
        self._recent = TableView(self._receipts, name=i18n.tr("kiosk.refund.recent"))
        self._rows = TableModel(_COLUMNS, self)
        self._lines = TableView(self._rows, name=i18n.tr("kiosk.refund.lines"))
        self._title = Label("", Role.HEADING)
        self._error = Label("", Role.ERROR, wraps=True)
        self._stack = QStackedWidget()
        self._line_keys = {
            int(Qt.Key.Key_Plus): self._more,
            int(Qt.Key.Key_Minus): self._less,
            int(Qt.Key.Key_Asterisk): self._all,
            int(Qt.Key.Key_Delete): self._switch_restock,
        }
        self._make_side()
        self._lay()
        self._join()

    def opened(self) -> None:
        """Begin with the receipt."""
        self._view_model.begin()
        self._reason.set_text("")
        self._error.setText("")
        self._search.clear()
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)

    def scan(self, code: str) -> None:
        """Take a scanned code."""
        self._error.setText("")
        self._view_model.scan(code)

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused."""
        self._error.setText(i18n.error_text(error))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the lines + and - count, * takes all, Del says scrap or shelf."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            method = self._line_keys.get(event.key())
            if method is not None:
                method()
                return True
        return super().eventFilter(watched, event)

    # -- layout

    def _make_side(self) -> None:
        self._tender = Choices(
            [
                (TenderKind.CASH.value, i18n.tr("paper.tender.cash"), "banknote"),
                (
                    TenderKind.CARD_EXTERNAL.value,
                    i18n.tr("paper.tender.card_external"),
                    "credit-card",
                ),
            ],
            name=i18n.tr("kiosk.refund.tender"),
        )
        self._reason = ReasonPicker(_REASONS)
        self._rounding = Label("", Role.MUTED)
        self._total = MoneyLabel("", _TOTAL_SIZE)
        self._go = Button(i18n.tr("kiosk.refund.give"), "undo-2", look=Look.PRIMARY)
        self._go.setProperty("tall", "true")

    def _lay(self) -> None:
        finding = QWidget()
        first = QVBoxLayout(finding)
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(theme.S3)
        first.addWidget(Label(i18n.tr("kiosk.refund.title"), Role.TITLE))
        first.addWidget(self._search)
        first.addWidget(self._recent, 1)
        self._recent.set_empty(
            "receipt", i18n.tr("kiosk.refund.none"), i18n.tr("kiosk.refund.none.text")
        )
        for page in (finding, self._choosing(), self._given()):
            self._stack.addWidget(page)
        self._back = Button(i18n.tr("kiosk.refund.leave"), "arrow-left")
        connect(self._back.clicked, self._leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S4, theme.S4, theme.S4, theme.S3)
        column.setSpacing(theme.S2)
        column.addWidget(self._stack, 1)
        column.addWidget(self._error)
        column.addWidget(self._back, 0, Qt.AlignmentFlag.AlignLeading)

    def _choosing(self) -> QWidget:
        page = QWidget()
        left = QVBoxLayout()
        left.setSpacing(theme.S2)
        left.addWidget(self._title)
        left.addWidget(self._lines, 1)
        keys = QHBoxLayout()
        keys.setSpacing(theme.S2)
        for words, icon, key, method in (
            ("kiosk.refund.less", "minus", "−", self._less),
            ("kiosk.refund.more", "plus", "+", self._more),
            ("kiosk.refund.all", "list-checks", "*", self._all),
            ("kiosk.refund.switch", "package", "Del", self._switch_restock),
        ):
            button = Button(i18n.tr(words), icon)
            button.setToolTip(f"{i18n.tr(words)}  ({key})")
            connect(button.clicked, method)
            keys.addWidget(button, 1)
        left.addLayout(keys)
        side = QVBoxLayout()
        side.setSpacing(theme.S2)
        for part in (self._reason, self._tender):
            side.addWidget(part)
        side.addStretch()
        side.addWidget(rule())
        side.addWidget(self._rounding)
        line = QHBoxLayout()
        line.addWidget(Label(i18n.tr("kiosk.refund.back"), Role.HEADING))
        line.addWidget(self._total, 1)
        side.addLayout(line)
        side.addWidget(self._go)
        holder = QWidget()
        holder.setLayout(side)
        holder.setFixedWidth(_SIDE_WIDTH)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S5)
        row.addLayout(left, 1)
        row.addWidget(holder)
        return page

    def _given(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        middle = Qt.AlignmentFlag.AlignHCenter
        self._given_words = Label("", Role.TITLE)
        self._given_amount = Label("")
        self._given_amount.setStyleSheet("font-size: 72px; font-weight: 600;")
        self._given_number = Label("", Role.MUTED)
        show = Button(i18n.tr("kiosk.paid.show"), "receipt-text")
        connect(show.clicked, self._show_receipt)
        column.addStretch(2)
        column.addWidget(RoundIcon("undo-2", Tone.OK), 0, middle)
        for part in (self._given_words, self._given_amount, self._given_number, show):
            column.addWidget(part, 0, middle)
        column.addStretch(3)
        return page

    def _join(self) -> None:
        connect(self._view_model.changed, self._show)
        connect(self._view_model.rejected, self.show_rejected)
        connect(self._search.entered, self._look_up)
        connect(self._search.stepped, self._step_recent)
        connect(self._recent.activated_row, self._pick)
        connect(self._recent.clicked, self._on_clicked)
        connect(self._lines.activated_row, self._count_one)
        self._lines.installEventFilter(self)
        connect(self._tender.picked, self._on_tender)
        connect(self._go.clicked, self._submit)

    # -- what is shown

    def _show(self) -> None:
        view_model = self._view_model
        self._receipts.set_rows(view_model.recent)
        before = self._stack.currentIndex()
        if view_model.is_given:
            self._show_given()
        elif view_model.sale is not None:
            self._show_lines()
        else:
            self._stack.setCurrentIndex(_FINDING)
        page = self._stack.currentIndex()
        if page != before and page == _CHOOSING:
            self._lines.select_first()
            self._lines.setFocus(Qt.FocusReason.OtherFocusReason)
        elif page != before and page == _GIVEN:
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_lines(self) -> None:
        view_model = self._view_model
        self._stack.setCurrentIndex(_CHOOSING)
        if view_model.sale is not None:
            receipt = view_model.sale.receipt
            when = i18n.format_datetime(receipt.issued_at)
            self._title.setText(i18n.tr("kiosk.refund.of", number=receipt.number, when=when))
        self._rows.set_rows(view_model.rows)
        self._tender.set_value(view_model.tender.value)
        rounding = i18n.format_money(view_model.rounding_amount, view_model.currency)
        self._rounding.setText(i18n.tr("kiosk.tender.rounding", amount=rounding))
        self._rounding.setVisible(view_model.rounding_amount != 0)
        given = view_model.total_amount + view_model.rounding_amount
        self._total.setText(i18n.format_money(given, view_model.currency))
        self._go.setEnabled(view_model.can_submit)

    def _show_given(self) -> None:
        view_model = self._view_model
        self._stack.setCurrentIndex(_GIVEN)
        given = view_model.total_amount + view_model.rounding_amount
        is_cash = view_model.tender is TenderKind.CASH
        key = "kiosk.refund.hand_back" if is_cash else "kiosk.refund.on_card"
        self._given_words.setText(i18n.tr(key))
        self._given_amount.setText(i18n.format_money(given, view_model.currency))
        self._given_number.setText("" if view_model.done is None else view_model.done.number)

    # -- what is asked

    def _look_up(self, text: str) -> None:
        self._error.setText("")
        row = self._recent.current()
        if text:
            self._view_model.look_up(text)
        elif isinstance(row, ReceiptListRow):
            self._view_model.look_up(row.number)

    def _step_recent(self, key: int) -> None:
        by = -1 if key in {Qt.Key.Key_Up, Qt.Key.Key_PageUp} else 1
        place = self._recent.currentIndex().row() + by
        wanted = self._receipts.key_at(max(0, min(place, self._receipts.rowCount() - 1)))
        if wanted is not None:
            self._recent.select_key(wanted)

    def _on_clicked(self, _index: object) -> None:
        self._pick(self._recent.current())

    def _pick(self, row: object) -> None:
        if isinstance(row, ReceiptListRow):
            self._view_model.look_up(row.number)

    def _marked(self) -> RefundRow | None:
        row = self._lines.current()
        return row if isinstance(row, RefundRow) else None

    def _step(self, by: int) -> None:
        row = self._marked()
        if row is not None:
            self._view_model.step_qty(row.id, by)

    def _less(self) -> None:
        self._step(-1)

    def _more(self) -> None:
        self._step(1)

    def _count_one(self, _row: object) -> None:
        self._step(1)

    def _all(self) -> None:
        self._view_model.take_all()

    def _switch_restock(self) -> None:
        row = self._marked()
        if row is not None:
            self._view_model.set_restocked(row.id, is_restocked=not row.is_restocked)

    def _on_tender(self, kind: str) -> None:
        self._view_model.choose_tender(TenderKind(kind))

    def _submit(self) -> None:
        self._error.setText("")
        if not self._reason.is_given():
            return
        view_model = self._view_model
        if view_model.tender is TenderKind.CASH and self._gate.may(Permission.REFUND):
            view_model.submit(self._reason.text())
        elif top_sheet(self) is None:
            tasks.spawn(self, self._ask())

    async def _ask(self) -> None:
        """Ask for whatever is missing: who allows it, and what the terminal calls it."""
        view_model = self._view_model
        approver: UserId | None = None
        if not self._gate.may(Permission.REFUND):
            asked = self._asked()
            approver = await approved_by(self, asked, desk=self._desk, gate=self._gate)
            if approver is None:
                return
            if self._asked() != asked:
                self.show_rejected(Rejected("approval_outdated"))
                return
        reference: object = ""
        if view_model.tender is not TenderKind.CASH:
            amount = i18n.format_money(view_model.total_amount, view_model.currency)
            text = i18n.tr("kiosk.refund.reference", amount=amount)
            reference = await present(reference_sheet(self, text))
        if isinstance(reference, str):
            view_model.submit(self._reason.text(), reference, approver_id=approver)

    def _asked(self) -> Asked:
        """What somebody is to approve: exactly what would be given back now."""
        view_model = self._view_model
        if view_model.sale is None:
            raise Bug("a refund without its sale was to be approved")
        return refund_asked(
            view_model.sale.receipt,
            view_model.rows,
            given_amount=view_model.total_amount + view_model.rounding_amount,
            tender=view_model.tender.value,
            reason=self._reason.text(),
        )

    def _show_receipt(self) -> None:
        self.show_asked.emit()

    def _leave(self) -> None:
        self.left_asked.emit()
