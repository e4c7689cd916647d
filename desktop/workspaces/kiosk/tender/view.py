"""Taking money on screen: what is due, by which means, and the change that goes back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.empty_state import RoundIcon
from desktop.ui.label import Label, MoneyLabel, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.theme import Tone
from desktop.workspaces.kiosk.carts import Stage
from desktop.workspaces.kiosk.prompts.view import Choices
from desktop.workspaces.kiosk.tender.view_model import TENDER_KINDS, TenderViewModel
from shared.kernel.errors import Rejected
from shared.payments.commands import TenderKind
from shared.pos.commands import Tender

_DUE_SIZE = 48
_FEWER = 4
_CHANGE_SIZE = 84
_REFERENCE_LENGTH = 24
_ICONS = {
    TenderKind.CASH: "banknote",
    TenderKind.CARD_EXTERNAL: "credit-card",
    TenderKind.BANK: "building-2",
}


class _QuickButton(Button):
    """A sum that is likely to be handed over. Signal: `given(amount)`."""

    given = Signal(int)

    def __init__(self) -> None:
        super().__init__("")
        self._amount = 0
        self.setProperty("tall", "true")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(self.clicked, self._give)

    def show_amount(self, amount: int, currency: str, *, is_exact: bool) -> None:
        """Offer another sum."""
        self._amount = amount
        shown = i18n.format_money(amount, currency)
        words = i18n.tr("kiosk.tender.exact", amount=shown) if is_exact else shown
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(i18n.tr("kiosk.tender.exact.tip") if is_exact else words)

    def _give(self) -> None:
        self.given.emit(self._amount)


class _TenderRow(QWidget):
    """Money that was taken already; it can be given back. Signal: `dropped(place)`."""

    dropped = Signal(int)

    def __init__(self, place: int, tender: Tender, currency: str) -> None:
        super().__init__()
        self._place = place
        name = i18n.tr(f"paper.tender.{tender.kind.value}")
        words = f"{name}  ·  {tender.reference}" if tender.reference else name
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label(words, Role.BODY), 1)
        row.addWidget(MoneyLabel(i18n.format_money(tender.amount, currency)))
        drop = Button(
            "", "x", look=Look.GHOST, small=True, name=i18n.tr("kiosk.tender.drop", name=name)
        )
        connect(drop.clicked, self._drop)
        row.addWidget(drop)

    def _drop(self) -> None:
        self.dropped.emit(self._place)


class TenderPane(QWidget):
    """Left: due, what was taken, means, quick sums. Right: the pad, always in the same place."""

    def __init__(self, view_model: TenderViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._due = MoneyLabel("", _DUE_SIZE)
        self._rounding = Label("", Role.MUTED)
        self._taken = QVBoxLayout()
        self._taken_shown: tuple[Tender, ...] = ()
        self._kinds = Choices(
            [
                (kind.value, i18n.tr(f"paper.tender.{kind.value}"), _ICONS[kind])
                for kind in TENDER_KINDS
            ],
            name=i18n.tr("kiosk.tender.kind"),
        )
        self._quick = [_QuickButton() for _ in range(6)]
        self._hint = Label("", Role.MUTED, wraps=True)
        self._other_amount = Button(i18n.tr("kiosk.tender.other_amount"), "pencil")
        self._finish = Button(i18n.tr("kiosk.tender.finish"), "check", look=Look.PRIMARY)
        self._error = Label("", Role.ERROR, wraps=True)
        for part in (self._rounding, *self._quick, self._hint, self._other_amount, self._finish):
            part.hide()
        self._make_pads()
        self._lay()
        self._join()

    def _make_pads(self) -> None:
        currency = self._view_model.sale.till.currency
        self._cash = NumPad(
            PadKind.AMOUNT, currency=currency, enter_text=i18n.tr("kiosk.tender.take_cash")
        )
        self._reference = NumPad(
            PadKind.CODE, enter_text=i18n.tr("kiosk.tender.approved"), longest=_REFERENCE_LENGTH
        )
        self._amount = NumPad(
            PadKind.AMOUNT, currency=currency, enter_text=i18n.tr("kiosk.tender.set_amount")
        )
        self._cash.setAccessibleName(i18n.tr("kiosk.tender.given"))
        self._reference.setAccessibleName(i18n.tr("kiosk.tender.reference"))
        self._amount.setAccessibleName(i18n.tr("kiosk.tender.amount"))
        self._pads = QStackedWidget()
        for pad in (self._cash, self._reference, self._amount):
            self._pads.addWidget(pad)
        self._part_amount = 0

    def _lay(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.S3)
        head = QHBoxLayout()
        head.addWidget(Label(i18n.tr("kiosk.tender.due"), Role.HEADING))
        head.addWidget(self._due, 1)
        left.addLayout(head)
        left.addWidget(self._rounding)
        left.addLayout(self._taken)
        left.addWidget(self._kinds)
        grid = QGridLayout()
        grid.setSpacing(theme.S2)
        for place, button in enumerate(self._quick):
            grid.addWidget(button, place // 2, place % 2)
        left.addLayout(grid)
        for part in (self._hint, self._other_amount, self._finish, self._error):
            left.addWidget(part)
        left.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.S2, 0, 0)
        row.setSpacing(theme.S6)
        row.addLayout(left, 6)
        row.addWidget(self._pads, 5)

    def _join(self) -> None:
        connect(self._view_model.changed, self._show)
        connect(self._view_model.rejected, self.show_rejected)
        connect(self._kinds.picked, self._on_kind)
        connect(self._cash.entered, self._on_cash)
        connect(self._reference.entered, self._on_reference)
        connect(self._amount.entered, self._on_amount)
        connect(self._other_amount.clicked, self._ask_amount)
        connect(self._finish.clicked, self._view_model.finish)
        for button in self._quick:
            connect(button.given, self._view_model.cash)

    def begin(self) -> None:
        """Take the focus for a new payment."""
        self._error.setText("")
        self._cash.clear()
        self._part_amount = 0
        self._focus_pad()

    def show_rejected(self, error: Rejected) -> None:
        """Say why money was not taken."""
        self._error.setText(i18n.error_text(error))

    # -- what is shown

    def _show(self) -> None:
        view_model = self._view_model
        if view_model.stage is not Stage.TENDERING:
            return
        due, currency = view_model.due, view_model.sale.till.currency
        is_cash = view_model.kind is TenderKind.CASH
        shown = due.cash_amount if is_cash else due.left_amount
        self._due.setText(i18n.format_money(shown, currency))
        rounding = due.cash_amount - due.left_amount
        self._rounding.setVisible(is_cash and rounding != 0)
        amount = i18n.format_money(rounding, currency)
        self._rounding.setText(i18n.tr("kiosk.tender.rounding", amount=amount))
        self._show_taken(currency)
        self._kinds.set_value(view_model.kind.value)
        self._show_quick(currency, is_cash=is_cash and not due.is_settled)
        self._finish.setVisible(due.is_settled or view_model.can_round_off)
        self._hint.setVisible(not is_cash and not due.is_settled)
        self._other_amount.setVisible(not is_cash and not due.is_settled)
        charged = i18n.format_money(self._charged(), currency)
        key = (
            "kiosk.tender.hint.bank" if view_model.kind is TenderKind.BANK else "kiosk.tender.hint"
        )
        self._hint.setText(i18n.tr(key, amount=charged))
        self._show_pad()

    def _show_taken(self, currency: str) -> None:
        tenders = self._view_model.sale.cart.tenders
        if tenders == self._taken_shown:
            return
        self._taken_shown = tenders
        self._part_amount = 0
        while (old := self._taken.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, tender in enumerate(tenders):
            row = _TenderRow(place, tender, currency)
            connect(row.dropped, self._view_model.remove_tender)
            self._taken.addWidget(row)

    def _show_quick(self, currency: str, *, is_cash: bool) -> None:
        amounts = self._view_model.quick_amounts if is_cash else ()
        if self._view_model.sale.cart.tenders:
            # What was taken needs the room of one row.
            amounts = amounts[:_FEWER]
        for place, button in enumerate(self._quick):
            button.setVisible(place < len(amounts))
            if place < len(amounts):
                button.show_amount(amounts[place], currency, is_exact=place == 0)

    def _show_pad(self) -> None:
        is_cash = self._view_model.kind is TenderKind.CASH
        wanted = self._cash if is_cash else self._reference
        if self._pads.currentWidget() is self._amount and not is_cash:
            return
        if self._pads.currentWidget() is not wanted:
            self._pads.setCurrentWidget(wanted)
            self._focus_pad()

    def _charged(self) -> int:
        """What the terminal is to take: all that is left, or the part that was keyed in."""
        return self._part_amount or self._view_model.due.left_amount

    def _focus_pad(self) -> None:
        pad = self._pads.currentWidget()
        if pad is not None and self.isVisible():
            pad.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what is asked

    def _on_kind(self, kind: str) -> None:
        self._error.setText("")
        self._part_amount = 0
        self._reference.clear()
        self._view_model.choose(TenderKind(kind))
        self._focus_pad()

    def _on_cash(self, _digits: str) -> None:
        given = self._cash.value()
        self._cash.clear()
        if given or self._view_model.can_round_off:
            self._error.setText("")
            self._view_model.cash(given)

    def _ask_amount(self) -> None:
        self._amount.set_value(self._view_model.due.left_amount)
        self._pads.setCurrentWidget(self._amount)
        self._focus_pad()

    def _on_amount(self, _digits: str) -> None:
        self._part_amount = min(self._amount.value(), self._view_model.due.left_amount)
        self._pads.setCurrentWidget(self._reference)
        self._focus_pad()
        self._show()

    def _on_reference(self, digits: str) -> None:
        self._error.setText("")
        kind, amount = self._view_model.kind, self._charged()
        before = self._view_model.sale.cart.tenders
        self._view_model.other(kind, amount, digits)
        if self._view_model.sale.cart.tenders != before:
            self._reference.clear()


class PaidPane(QWidget):
    """The change, as large as it gets, until the next scan.

    Signals: `next_asked`, `copy_asked`, `show_asked`, `save_asked`.
    """

    next_asked = Signal()
    copy_asked = Signal()
    show_asked = Signal()
    save_asked = Signal()

    def __init__(self, view_model: TenderViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._words = Label("", Role.TITLE)
        self._change = Label("")
        self._change.setFont(theme.figures_font(_CHANGE_SIZE))
        self._change.setStyleSheet(f"font-size: {_CHANGE_SIZE}px; font-weight: 600;")
        self._drawer = Label("", Role.MUTED)
        self._number = Label("", Role.MUTED)
        self._next = Button(i18n.tr("kiosk.paid.next"), "check", look=Look.PRIMARY)
        self._next.setProperty("tall", "true")
        self._copy = Button(i18n.tr("kiosk.paid.copy"), "printer")
        self._show_receipt = Button(i18n.tr("kiosk.paid.show"), "receipt-text")
        self._save = Button(i18n.tr("kiosk.paid.save"), "download")
        self._lay()
        connect(view_model.changed, self._show)
        for button, method in (
            (self._next, self._on_next),
            (self._copy, self._on_copy),
            (self._show_receipt, self._on_show),
            (self._save, self._on_save),
        ):
            connect(button.clicked, method)

    def begin(self) -> None:
        """Take the focus."""
        self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def change_text(self) -> str:
        """Give the change as shown."""
        return self._change.text()

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.S4, 0, 0)
        column.setSpacing(theme.S2)
        column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(RoundIcon("circle-check", Tone.OK), 0, middle)
        for label in (self._words, self._change, self._drawer, self._number):
            column.addWidget(label, 0, middle)
        column.addStretch(2)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        for button in (self._copy, self._show_receipt, self._save):
            row.addWidget(button, 1)
        column.addLayout(row)
        column.addWidget(self._next)
        column.addStretch(1)

    def _show(self) -> None:
        paid = self._view_model.carts.paid
        if paid is None:
            return
        has_change = paid.change_amount > 0
        shown = paid.change_amount if has_change else paid.total_amount
        self._words.setText(i18n.tr("kiosk.paid.change" if has_change else "kiosk.paid.paid"))
        self._change.setText(i18n.format_money(shown, paid.currency))
        self._drawer.setVisible(paid.has_cash)
        opens = self._view_model.receipts.opens_drawer
        self._drawer.setText(i18n.tr("kiosk.paid.drawer" if opens else "kiosk.paid.drawer_by_hand"))
        receipt = self._view_model.receipt
        self._number.setText("" if receipt is None else receipt.number)
        for button in (self._copy, self._show_receipt, self._save):
            button.setEnabled(receipt is not None)

    def _on_next(self) -> None:
        self.next_asked.emit()

    def _on_copy(self) -> None:
        self.copy_asked.emit()

    def _on_show(self) -> None:
        self.show_asked.emit()

    def _on_save(self) -> None:
        self.save_asked.emit()
