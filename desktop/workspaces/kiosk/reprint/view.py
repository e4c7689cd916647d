"""What is asked for on paper: copies, the last receipt, the X report."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.hardware.worker import PrinterState
from desktop.ui import i18n, tasks
from desktop.ui.binding import connect
from desktop.ui.sheet import present, top_sheet
from desktop.workspaces.kiosk.counter import Counter
from desktop.workspaces.kiosk.paper.view import PaperSheet
from shared.kernel.errors import Rejected
from shared.kernel.permissions import Permission
from shared.pos.layout import z_report_lines
from shared.pos.tables import ReceiptRow


class PaperIntents(QObject):
    """Shows, prints and saves. Signals: `changed`, `told(text)` for a short note."""

    changed = Signal()
    told = Signal(str)

    def __init__(self, counter: Counter, anchor: QWidget) -> None:
        super().__init__(anchor)
        self._counter = counter
        self._anchor = anchor
        self._shown: ReceiptRow | None = None
        connect(counter.gate.changed, self._tell)

    @property
    def can_read(self) -> bool:
        """Whether the shift may be looked at."""
        return self._counter.gate.may(Permission.SHIFT)

    async def copy(self) -> None:
        """Print the last receipt again, marked as a copy."""
        self._print_copy(await self._counter.receipts.last())

    async def receipt(self) -> None:
        """Show the last receipt."""
        await self.show_receipt(await self._counter.receipts.last())

    async def show_receipt(self, receipt: ReceiptRow) -> None:
        """Show a receipt as it stands on paper."""
        if top_sheet(self._anchor) is not None:
            return
        self._shown = receipt
        sheet = PaperSheet(
            self._anchor,
            i18n.tr("kiosk.receipt.title", number=receipt.number),
            self._counter.receipts.lines(receipt),
            can_save=True,
        )
        connect(sheet.print_asked, self._print_shown)
        connect(sheet.save_asked, self._save_shown)
        await present(sheet)

    async def save(self, receipt: ReceiptRow) -> None:
        """Write a copy of a receipt as PDF into the till's folder."""
        lines = self._counter.receipts.lines(receipt, is_copy=True)
        name = f"{receipt.number}.pdf"
        path = await self._counter.papers.keep_roll(name, lines, title=receipt.number)
        self.told.emit(i18n.tr("kiosk.receipt.saved", path=str(path)))

    async def x_report(self) -> None:
        """Show what the shift adds up to so far."""
        if top_sheet(self._anchor) is not None:
            return
        report = await self._counter.shift.read_x()
        currency = self._counter.till.currency
        words = self._counter.receipts.words()
        lines = z_report_lines(report, words, currency=currency, is_closed=False)
        sheet = PaperSheet(self._anchor, i18n.tr("kiosk.x.title"), lines)
        if await present(sheet) == "printed" and self._has_printer():
            self._counter.printer.print_lines(lines)

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused."""
        self._counter.sale.show_rejected(error)

    def _print_shown(self) -> None:
        if self._shown is not None:
            self._print_copy(self._shown)

    def _print_copy(self, receipt: ReceiptRow) -> None:
        """Print a copy, and say what becomes of it."""
        if self._has_printer():
            self._counter.receipts.print_copy(receipt)
            is_ready = self._counter.printer.state is PrinterState.READY
            key = "kiosk.receipt.copied" if is_ready else "kiosk.receipt.copy_waits"
            self.told.emit(i18n.tr(key, number=receipt.number))

    def _has_printer(self) -> bool:
        """Whether paper can come out at all; says so where it cannot."""
        has_printer = self._counter.printer.state is not PrinterState.NONE
        if not has_printer:
            self.show_rejected(Rejected("no_printer"))
        return has_printer

    def _save_shown(self) -> None:
        if self._shown is not None:
            tasks.spawn(self, self.save(self._shown))

    def _tell(self) -> None:
        self.changed.emit()
