"""Paper of a device: receipts to the till's printer, documents into a folder; off the UI thread."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal, Slot

from desktop.hardware.escpos import escpos_bytes
from desktop.hardware.ports import Printer
from desktop.hardware.worker import PrinterState, PrintQueue, QueueStatus
from desktop.ui.paper import roll_pdf
from shared.kernel.errors import Unavailable
from shared.pos.layout import PaperLine

_log = logging.getLogger(__name__)


class TillPrinter(QObject):
    """The receipt printer as screens see it; every call returns at once.

    Signal: `changed` when the printer's state or the number of waiting jobs differs.
    """

    changed = Signal()

    def __init__(self, printer: Printer | None, spool: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = PrintQueue(printer, spool, self._heard)
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="paper")

    @property
    def state(self) -> PrinterState:
        """What is known of the printer."""
        return self._queue.status.state

    @property
    def waiting_count(self) -> int:
        """Jobs that are not on paper yet."""
        return self._queue.status.waiting

    def print_lines(self, lines: Sequence[PaperLine], *, opens_drawer: bool = False) -> None:
        """Put lines on paper; the drawer opens first where asked."""
        self._hands.submit(self._print, tuple(lines), opens_drawer=opens_drawer)

    def open_drawer(self) -> None:
        """Let the cash drawer spring open."""
        self.print_lines((), opens_drawer=True)

    def close(self) -> None:
        """Stop; what waits is printed after the next start."""
        self._hands.shutdown()
        self._queue.close()

    def _print(self, lines: tuple[PaperLine, ...], *, opens_drawer: bool) -> None:
        try:
            self._queue.add(escpos_bytes(lines, opens_drawer=opens_drawer))
        except OSError:
            _log.exception("a receipt could not be queued; it can be printed again")

    def _heard(self, status: QueueStatus) -> None:
        """In the queue's thread."""
        del status
        QMetaObject.invokeMethod(self, "tell", Qt.ConnectionType.QueuedConnection)

    @Slot()
    def tell(self) -> None:
        """Emit `changed`; Qt calls this on the UI thread."""
        self.changed.emit()


class PaperFolder:
    """Keeps papers as PDF files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, pdf: bytes) -> Path:
        """Save a PDF; where it lies. Raises Unavailable("folder_unusable")."""
        return await asyncio.to_thread(self._write, name, pdf)

    async def keep_roll(self, name: str, lines: Sequence[PaperLine], *, title: str) -> Path:
        """Save lines as a PDF as wide as a roll. Raises Unavailable("folder_unusable")."""
        return await self.keep(name, roll_pdf(lines, title=title))

    def _write(self, name: str, pdf: bytes) -> Path:
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pdf)
        except OSError as error:
            raise Unavailable("folder_unusable", folder=str(self._folder)) from error
        return path
