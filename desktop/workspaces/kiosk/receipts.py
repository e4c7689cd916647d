"""Receipts of this till: the first print, the last one, copies."""

from PySide6.QtCore import QObject

from desktop.hardware.worker import PrinterState
from desktop.ui.paper_words import PaperWords
from desktop.workspaces.kiosk.ports import ReceiptPrinter
from desktop.workspaces.kiosk.till import Till
from shared.kernel.errors import Rejected
from shared.organization.tables import StoreRow
from shared.pos.layout import PaperLine, receipt_lines
from shared.pos.queries import receipt_of, recent_receipts
from shared.pos.tables import ReceiptRow


class Receipts(QObject):
    """Finds receipts and hands them to the printer."""

    def __init__(self, till: Till, printer: ReceiptPrinter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._till = till
        self._words: tuple[StoreRow, PaperWords] | None = None
        self.printer = printer

    async def issued(self, receipt_id: str) -> ReceiptRow:
        """One receipt. Raises Rejected("receipt_not_found")."""
        found = await self._till.desk.fetch(receipt_of, receipt_id)
        if found is None:
            raise Rejected("receipt_not_found")
        return found

    async def recent(self, limit: int = 50) -> tuple[ReceiptRow, ...]:
        """The latest receipts of this till, latest first."""
        return await self._till.desk.fetch(recent_receipts, self._till.register_id, limit=limit)

    async def last(self) -> ReceiptRow:
        """The last receipt. Raises Rejected("receipt_not_found") before the first sale."""
        found = await self.recent(limit=1)
        if not found:
            raise Rejected("receipt_not_found")
        return found[0]

    @property
    def opens_drawer(self) -> bool:
        """Whether a drawer springs open with a receipt: it hangs on the printer."""
        return self.printer.state is PrinterState.READY

    async def print_first(self, receipt_id: str, *, opens_drawer: bool) -> ReceiptRow:
        """Put a receipt on paper for the first time, and open the drawer where cash changed hands.

        It is called after the sale is on the disk, and only then.
        """
        receipt = await self.issued(receipt_id)
        self.printer.print_lines(self.lines(receipt), opens_drawer=opens_drawer)
        return receipt

    def print_copy(self, receipt: ReceiptRow) -> None:
        """Put a receipt on paper again, marked as a copy."""
        self.printer.print_lines(self.lines(receipt, is_copy=True))

    def lines(self, receipt: ReceiptRow, *, is_copy: bool = False) -> tuple[PaperLine, ...]:
        """What stands on a receipt, in the store's language."""
        return receipt_lines(receipt.document, self.words(), is_copy=is_copy)

    def words(self) -> PaperWords:
        """The words of paper in this store."""
        store = self._till.store
        if self._words is None or self._words[0] != store:
            self._words = (store, PaperWords(store.language, store.timezone))
        return self._words[1]
