"""Opening the drawer, counting it blind, and the report that comes out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from desktop.hardware.worker import PrinterState
from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, MoneyLabel, Role
from desktop.ui.sheet import present, top_sheet
from desktop.ui.switch import Switch
from desktop.ui.theme import Tone
from desktop.workspaces.kiosk.count.view import DenominationCount
from desktop.workspaces.kiosk.paper.view import PaperView
from desktop.workspaces.kiosk.parked.rows import parked_row
from desktop.workspaces.kiosk.parked.view import ParkedSheet
from desktop.workspaces.kiosk.receipts import Receipts
from desktop.workspaces.kiosk.shift.view_model import ShiftViewModel, UnpaidSales
from desktop.workspaces.sync.ports import SyncStatus
from shared.kernel.errors import Rejected
from shared.pos.layout import PaperLine, z_report_lines

_TOTAL_SIZE = 44
_SIDE_WIDTH = 380


class _CountPage(QWidget):
    """Denominations at the left, pad, total and button at the right. Signal: `entered(amount)`."""

    entered = Signal(int)

    def __init__(self, view_model: ShiftViewModel, *, title: str, text: str, action: str) -> None:
        super().__init__()
        self._view_model = view_model
        till = view_model.till
        self.count = DenominationCount(view_model.denominations, till.currency)
        self._total = MoneyLabel("", _TOTAL_SIZE)
        self.foot = QVBoxLayout()
        self.foot.setSpacing(theme.S2)
        self._go = Button(action, "check", look=Look.PRIMARY)
        self._go.setProperty("tall", "true")
        self._error = Label("", Role.ERROR, wraps=True)
        self.head = head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(Label(title, Role.TITLE))
        self.advice = Label(text, Role.MUTED, wraps=True)
        head.addWidget(self.advice)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S6, theme.S2, theme.S6, theme.S3)
        column.setSpacing(theme.S2)
        column.addLayout(head)
        column.addLayout(self._across(), 1)
        connect(self.count.changed, self._show_total)
        connect(self.count.done, self._focus_go)
        connect(self._go.clicked, self._enter)
        self._show_total()

    def begin(self) -> None:
        """Count anew."""
        self.count.clear()
        self._error.setText("")
        self.count.focus_first()

    def show_error(self, error: Rejected) -> None:
        """Say what was refused."""
        self._error.setText(i18n.error_text(error))

    def _across(self) -> QHBoxLayout:
        across = QHBoxLayout()
        across.setSpacing(theme.S8)
        left = QVBoxLayout()
        left.addWidget(self.count, 1)
        left.addLayout(self.foot)
        across.addLayout(left, 1)
        across.addLayout(self._side())
        return across

    def _side(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(theme.S2)
        self.count.pad.setFixedWidth(_SIDE_WIDTH)
        side.addWidget(self.count.pad, 1)
        line = QHBoxLayout()
        line.addWidget(Label(i18n.tr("kiosk.count.total"), Role.HEADING))
        line.addWidget(self._total, 1)
        side.addLayout(line)
        self._error.setMaximumWidth(_SIDE_WIDTH)
        side.addWidget(self._error)
        side.addWidget(self._go)
        return side

    def _show_total(self) -> None:
        currency = self._view_model.till.currency
        self._total.setText(i18n.format_money(self.count.total_amount(), currency))

    def _focus_go(self) -> None:
        self._go.setFocus(Qt.FocusReason.TabFocusReason)

    def _enter(self) -> None:
        self.entered.emit(self.count.total_amount())


class OpeningView(QWidget):
    """The float with which a shift begins."""

    def __init__(self, view_model: ShiftViewModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._page = _CountPage(
            view_model,
            title=i18n.tr("kiosk.opening.title"),
            text=i18n.tr("kiosk.opening.text"),
            action=i18n.tr("kiosk.opening.open"),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._page)
        connect(self._page.entered, view_model.open)
        connect(view_model.rejected, self._page.show_error)

    def opened(self) -> None:
        """Begin to count."""
        self._page.begin()


class UnpaidBar(QFrame):
    """What is not paid yet when the shift ends, and the word that it may stay so.

    Signal: `recall_asked`.
    """

    recall_asked = Signal()

    def __init__(self, view_model: ShiftViewModel) -> None:
        super().__init__()
        self._view_model = view_model
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words = Label("", Role.LABEL, wraps=True)
        stays = i18n.tr("kiosk.closing.leave_unpaid")
        self.stays = Switch(stays)
        self.recall = Button(i18n.tr("kiosk.closing.recall"), "play", small=True)
        connect(self.recall.clicked, self._recall)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S1, theme.S2, theme.S1)
        row.setSpacing(theme.S2)
        row.addWidget(self._words, 1)
        row.addWidget(self.recall)
        row.addSpacing(theme.S4)
        row.addWidget(self.stays)
        row.addWidget(Label(stays))
        self.hide()

    def begin(self) -> None:
        """Ask anew."""
        self.stays.setChecked(False)
        self.show_unpaid()

    def show_unpaid(self) -> None:
        """Say what there is, or leave the room to others."""
        unpaid = self._view_model.unpaid
        self._words.setText(unpaid_text(unpaid, self._view_model.till.currency))
        self.recall.setVisible(unpaid.parked_count > 0)
        colours = theme.tone_colours(Tone.WARN)
        density = theme.current().density
        self.setStyleSheet(
            f"UnpaidBar {{ background: {colours.soft}; border-radius: {density.radius_card}px; }}"
            f" UnpaidBar QLabel {{ color: {colours.text}; font-size: {density.type.small}px; }}"
        )
        self.setVisible(bool(unpaid))

    def text(self) -> str:
        """Give what is said, or nothing."""
        return "" if self.isHidden() else self._words.text()

    def _recall(self) -> None:
        self.recall_asked.emit()


def unpaid_text(unpaid: UnpaidSales, currency: str) -> str:
    """Say how many sales are not paid, for how much, and that they stay."""
    parts = []
    if unpaid.parked_count:
        amount = i18n.format_money(unpaid.parked_amount, currency)
        parts.append(i18n.tr("kiosk.closing.parked", count=unpaid.parked_count, amount=amount))
    if unpaid.line_count:
        amount = i18n.format_money(unpaid.line_amount, currency)
        parts.append(i18n.tr("kiosk.closing.open_cart", count=unpaid.line_count, amount=amount))
    if parts:
        parts.append(i18n.tr("kiosk.closing.unpaid_stay"))
    return " ".join(parts)


class ClosingView(QWidget):
    """Blind count, then the Z report. Signals: `left_asked`, `finished`."""

    left_asked = Signal()
    finished = Signal()

    def __init__(
        self,
        view_model: ShiftViewModel,
        *,
        receipts: Receipts,
        sync_status: SyncStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._receipts = receipts
        self._sync = sync_status
        self._unsent = Label("", Role.MUTED, wraps=True)
        self.unpaid = UnpaidBar(view_model)
        self._page = _CountPage(
            view_model,
            title=i18n.tr("kiosk.closing.title"),
            text=i18n.tr("kiosk.closing.text"),
            action=i18n.tr("kiosk.closing.close"),
        )
        self._note = QLineEdit()
        self._paper = PaperView()
        self._over_short = Label("", Role.TITLE)
        self._report = QWidget()
        self._lay()
        self._stack = self._stacked()
        self._follow()

    def _follow(self) -> None:
        connect(self._page.entered, self._close)
        connect(self._view_model.rejected, self._show_error)
        connect(self._view_model.changed, self._show)
        connect(self.unpaid.recall_asked, self._recall)
        connect(self._sync.changed, self._show_unsent)

    def opened(self) -> None:
        """Begin to count, or show the report that waits."""
        self._show_unsent()
        if not self._view_model.is_closed:
            self._stack.setCurrentWidget(self._page)
            self._note.clear()
            self.unpaid.begin()
            # What is not paid matters more, where there is room for one of them.
            self._page.advice.setVisible(self.unpaid.isHidden())
            self._page.begin()
        self._show()

    def _stacked(self) -> QStackedWidget:
        """The count, or what it came to."""
        stack = QStackedWidget()
        stack.addWidget(self._page)
        stack.addWidget(self._report)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(stack)
        return stack

    def _lay(self) -> None:
        self._note.setPlaceholderText(i18n.tr("kiosk.closing.note"))
        self._note.setAccessibleName(i18n.tr("kiosk.closing.note"))
        leave = Button(i18n.tr("kiosk.closing.leave"), "arrow-left")
        connect(leave.clicked, self._leave)
        line = QHBoxLayout()
        line.setSpacing(theme.S2)
        line.addWidget(leave)
        line.addWidget(self._note, 1)
        self._page.head.addWidget(self.unpaid)
        self._page.foot.addWidget(self._unsent)
        self._page.foot.addLayout(line)
        side = QVBoxLayout()
        side.setSpacing(theme.S3)
        side.addWidget(Label(i18n.tr("kiosk.closing.done"), Role.HEADING))
        side.addWidget(self._over_short)
        self._unsent_after = Label("", Role.MUTED, wraps=True)
        side.addWidget(self._unsent_after)
        self._unpaid_after = Label("", wraps=True)
        self._unpaid_after.hide()
        side.addWidget(self._unpaid_after)
        side.addStretch()
        self._again = Button(i18n.tr("kiosk.paper.print"), "printer")
        connect(self._again.clicked, self._print)
        self._finish = Button(i18n.tr("kiosk.closing.finish"), "check", look=Look.PRIMARY)
        self._finish.setProperty("tall", "true")
        connect(self._finish.clicked, self._finish_up)
        side.addWidget(self._again)
        side.addWidget(self._finish)
        row = QHBoxLayout(self._report)
        row.setContentsMargins(theme.S6, theme.S4, theme.S6, theme.S4)
        row.setSpacing(theme.S8)
        row.addWidget(self._paper, 3)
        row.addLayout(side, 2)

    # -- what is shown

    def lines(self) -> tuple[PaperLine, ...]:
        """Give what stands on the Z report."""
        report = self._view_model.report
        if report is None:
            return ()
        currency = self._view_model.till.currency
        return z_report_lines(report, self._receipts.words(), currency=currency)

    def _show(self) -> None:
        report = self._view_model.report
        if report is None or not self._view_model.is_closed:
            return
        self._again.setEnabled(self._receipts.printer.state is not PrinterState.NONE)
        words = unpaid_text(self._view_model.unpaid, self._view_model.till.currency)
        self._unpaid_after.setText(words)
        self._unpaid_after.setVisible(bool(words))
        is_new = self._stack.currentWidget() is not self._report
        self._paper.set_lines(self.lines())
        amount = i18n.format_money(abs(report.difference_amount), self._view_model.till.currency)
        if report.difference_amount == 0:
            words, tone = i18n.tr("kiosk.closing.exact"), Tone.OK
        elif report.difference_amount > 0:
            words, tone = i18n.tr("kiosk.closing.over", amount=amount), Tone.WARN
        else:
            words, tone = i18n.tr("kiosk.closing.short", amount=amount), Tone.DANGER
        self._over_short.setText(words)
        self._over_short.setStyleSheet(f"color: {theme.tone_colours(tone).text};")
        self._stack.setCurrentWidget(self._report)
        if is_new:
            self._print()
            self._finish.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_unsent(self) -> None:
        count = self._sync.unsent_count
        words = i18n.tr("kiosk.closing.unsent", count=count) if count else ""
        for label in (self._unsent, self._unsent_after):
            label.setText(words)
            label.setVisible(bool(words))

    # -- what is asked

    def _close(self, counted_amount: int) -> None:
        leaves_unpaid = self.unpaid.stays.isChecked()
        note = self._note.text().strip()
        self._view_model.close(counted_amount, note, leaves_unpaid=leaves_unpaid)

    def _show_error(self, error: Rejected) -> None:
        self.unpaid.show_unpaid()
        self._page.show_error(error)
        if error.code == "sales_unpaid":
            self.unpaid.stays.setFocus(Qt.FocusReason.TabFocusReason)

    def _recall(self) -> None:
        tasks.spawn(self, self._choose_parked())

    async def _choose_parked(self) -> None:
        """Take a parked sale up again, and go where it can be sold."""
        if top_sheet(self) is not None:
            return
        carts, store = self._view_model.carts, self._view_model.till.store
        rows = [parked_row(cart, store) for cart in carts.parked]
        answer = await present(ParkedSheet(self, rows))
        if isinstance(answer, str):
            carts.recall(answer)
            self.left_asked.emit()

    def _print(self) -> None:
        self._receipts.printer.print_lines(self.lines())

    def _leave(self) -> None:
        self.left_asked.emit()

    def _finish_up(self) -> None:
        self.finished.emit()
