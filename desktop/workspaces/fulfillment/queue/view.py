"""The queue on screen: scan or type a number, or take the oldest."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.i18n import tr
from desktop.ui.label import Label, Role
from desktop.ui.search_field import SearchField
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.fulfillment.queue.rows import COLUMNS, ParcelRow
from desktop.workspaces.fulfillment.queue.view_model import QueueViewModel
from shared.kernel.errors import Rejected

ACTIONS = (
    Action(
        id="fulfillment.next",
        text_key="fulfillment.next",
        intent="open_next",
        icon="play",
        keys=("F2",),
        look=Look.PRIMARY,
    ),
)


class QueueView(QWidget):
    """List of parcels with one field for scanned and typed order numbers."""

    def __init__(self, view_model: QueueViewModel) -> None:
        super().__init__()
        self.setProperty("role", "content")
        self._view_model = view_model
        view_model.setParent(self)
        self.actions_set = ActionSet(ACTIONS, target=view_model, widget=self)
        self._model = TableModel(COLUMNS, self)
        self.table = TableView(self._model, name=tr("fulfillment.queue"))
        self.table.set_empty(
            "package-check", tr("fulfillment.queue.empty"), tr("fulfillment.queue.empty.text")
        )
        self.field = SearchField(tr("fulfillment.queue.scan"))
        self._count = Label("", Role.HEADING)
        self._lay()
        connect(self.field.entered, self._enter)
        connect(self.field.searched, self._narrow)
        connect(self.field.stepped, self._step)
        connect(self.table.activated_row, self._open)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self._show_rejected)

    def title(self) -> str:
        """The screen's name."""
        return tr("fulfillment.queue")

    def opened(self) -> None:
        """Load, and be ready for a scan."""
        self._view_model.start()
        self.field.clear()
        self.field.setFocus()

    def take_code(self, code: str) -> None:
        """A scan anywhere on this screen is an order number."""
        self._view_model.open_number(code)

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        gutter = theme.current().density.gutter
        column.setContentsMargins(gutter, theme.S4, gutter, theme.S4)
        column.setSpacing(theme.S3)
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        head.addWidget(self.field, 1)
        head.addWidget(self._count)
        button = self.actions_set.button("fulfillment.next")
        if button is not None:
            head.addWidget(button)
        column.addLayout(head)
        column.addWidget(self.table, 1)

    def _show(self) -> None:
        text = self.field.text().strip().casefold()
        rows = [row for row in self._view_model.rows if _fits(row, text)]
        self._model.set_rows(rows)
        self._count.setText(tr("fulfillment.waiting", count=len(self._view_model.rows)))
        if self.table.current() is None:
            self.table.select_first()

    def _narrow(self, _text: str, _generation: int) -> None:
        self._show()

    def _step(self, key: int) -> None:
        del key
        self.table.setFocus()

    def _enter(self, text: str) -> None:
        row = self.table.current()
        if text and not any(row.order_number.casefold() == text.casefold() for row in self._rows()):
            if len(self._rows()) == 1:
                self._open(self._rows()[0])
            else:
                self._view_model.open_number(text)
        elif text:
            self._view_model.open_number(text)
        elif isinstance(row, ParcelRow):
            self._open(row)

    def _rows(self) -> list[ParcelRow]:
        text = self.field.text().strip().casefold()
        return [row for row in self._view_model.rows if _fits(row, text)]

    def _open(self, row: object) -> None:
        if isinstance(row, ParcelRow):
            self._view_model.open(row.id)

    def _show_rejected(self, error: Rejected) -> None:
        self.field.selectAll()
        self.field.setFocus()
        report = getattr(self.window(), "show_rejected", None)
        if callable(report):
            report(error)


def _fits(row: ParcelRow, text: str) -> bool:
    return text in row.order_number.casefold() or text in row.customer_name.casefold()
