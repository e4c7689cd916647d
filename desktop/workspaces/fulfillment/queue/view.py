"""The queue on screen: scan or type a number, or take what comes next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.i18n import tr
from desktop.ui.label import Label, Role
from desktop.ui.search_field import SearchField
from desktop.ui.sounds import Sounds, Tone
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.fulfillment import feedback
from desktop.workspaces.fulfillment.queue.rows import COLUMNS, ParcelRow
from desktop.workspaces.fulfillment.queue.view_model import QueueViewModel
from desktop.workspaces.fulfillment.verdict_band.view import VerdictBand
from shared.kernel.errors import Rejected

ACTIONS = (
    Action(
        id="fulfillment.next",
        text_key="fulfillment.next",
        intent="open_next",
        icon="play",
        keys=("F2",),
        enabled_when="has_next",
        look=Look.PRIMARY,
    ),
)


class QueueView(QWidget):
    """List of parcels with one field for scanned and typed order numbers."""

    def __init__(self, view_model: QueueViewModel, sounds: Sounds) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._view_model = view_model
        self._sounds = sounds
        view_model.setParent(self)
        self.actions_set = ActionSet(ACTIONS, target=view_model, widget=self)
        self._model = TableModel(COLUMNS, self)
        self.table = TableView(self._model, name=tr("fulfillment.queue"))
        self.field = SearchField(tr("fulfillment.queue.scan"))
        self.refusal = VerdictBand()
        self.refusal.hide()
        self._count = Label("", Role.MUTED)
        self._is_narrowed: bool | None = None
        self._lay()
        connect(self.field.entered, self._enter)
        connect(self.field.searched, self._narrow)
        connect(self.field.stepped, self._step)
        connect(self.table.activated_row, self._open)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)
        connect(view_model.confirm_wanted, self._open_marked)

    def title(self) -> str:
        """The screen's name."""
        return tr("fulfillment.queue")

    def opened(self) -> None:
        """Load, and be ready for a scan."""
        self._view_model.start()
        self.refusal.hide()
        self.field.clear()
        self.field.setFocus()

    def take_code(self, code: str) -> None:
        """A scan anywhere on this screen is an order number or a command."""
        self.field.clear()
        self.refusal.hide()
        self._view_model.scan(code)

    def show_rejected(self, error: Rejected) -> None:
        """Say large why nothing opened."""
        self.refusal.show_message(feedback.rejected(error))
        self.refusal.show()
        self._sounds.play(Tone.REFUSE)
        self.field.selectAll()
        self.field.setFocus()

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        gutter = theme.current().density.gutter
        column.setContentsMargins(gutter, theme.S4, gutter, theme.S4)
        column.setSpacing(theme.S4)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(tr("fulfillment.queue"), Role.TITLE))
        names.addWidget(self._count)
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        head.addLayout(names, 2)
        head.addWidget(self.field, 3)
        button = self.actions_set.button("fulfillment.next")
        if button is not None:
            head.addWidget(button)
        column.addLayout(head)
        column.addWidget(self.refusal)
        card = Card(flush=True)
        card.body.addWidget(self.table)
        column.addWidget(card, 1)

    def _show(self) -> None:
        rows = self._rows()
        text = self.field.text().strip()
        if self._is_narrowed != bool(text):
            self._is_narrowed = bool(text)
            self._say_empty()
        self._model.set_rows(rows)
        self._count.setText(tr("fulfillment.waiting", count=self._view_model.waiting_count))
        if self.table.current() is None:
            self.table.select_first()

    def _say_empty(self) -> None:
        if self._is_narrowed:
            self.table.set_empty(
                "package-search", tr("fulfillment.queue.none"), tr("fulfillment.queue.none.text")
            )
        else:
            self.table.set_empty(
                "package-check", tr("fulfillment.queue.empty"), tr("fulfillment.queue.empty.text")
            )

    def _narrow(self, _text: str, _generation: int) -> None:
        self.refusal.hide()
        self._show()

    def _step(self, key: int) -> None:
        """Arrows move the mark while the field keeps the focus."""
        rows = [row.id for row in self._rows()]
        marked = self.table.current()
        if not rows:
            return
        at = rows.index(marked.id) if isinstance(marked, ParcelRow) and marked.id in rows else 0
        by = -1 if key in {Qt.Key.Key_Up, Qt.Key.Key_PageUp} else 1
        self.table.select_key(rows[min(max(0, at + by), len(rows) - 1)])

    def _enter(self, text: str) -> None:
        rows = self._rows()
        numbers = {row.order_number.casefold() for row in rows}
        if text and text.casefold() not in numbers and rows:
            self._open_marked()
        elif text:
            self._view_model.scan(text)
        else:
            self._open_marked()

    def _rows(self) -> list[ParcelRow]:
        text = self.field.text().strip().casefold()
        return [row for row in self._view_model.rows if _fits(row, text)]

    def _open_marked(self) -> None:
        self._open(self.table.current())

    def _open(self, row: object) -> None:
        if isinstance(row, ParcelRow):
            self._view_model.open(row.id)


def _fits(row: ParcelRow, text: str) -> bool:
    return text in row.order_number.casefold() or text in row.customer_name.casefold()
