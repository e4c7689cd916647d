"""Receipts of this till: the last one, copies on paper and as PDF."""

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.workspaces.kiosk.ports import ReceiptPrinter
from desktop.workspaces.kiosk.till import Till
from shared.kernel.errors import Rejected
from shared.pos.queries import receipt_of, recent_receipts
from shared.pos.tables import ReceiptRow


class Receipts(QObject):
    """Finds receipts and hands them to the printer."""

    def __init__(self, till: Till, printer: ReceiptPrinter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._till = till
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

    async def print_first(self, receipt_id: str, *, opens_drawer: bool) -> ReceiptRow:
        """Put a receipt on paper for the first time, and open the drawer where cash changed hands.

        It is called after the sale is on the disk, and only then.
        """
        if opens_drawer:
            self.printer.open_drawer()
        receipt = await self.issued(receipt_id)
        self.printer.print_receipt(receipt.document)
        return receipt

    def print_copy(self, receipt: ReceiptRow) -> None:
        """Put a receipt on paper again, marked as a copy."""
        self.printer.print_receipt(receipt.document, is_copy=True)

    def save_pdf(self, receipt: ReceiptRow, path: Path) -> None:
        """Write a copy as PDF."""
        self.printer.save_pdf(receipt.document, path, is_copy=True)
