"""Sheet with the parked sales."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.kiosk.parked.rows import OWN_COLUMNS, STORE_COLUMNS, ParkedRow

_NARROW = 640
_WIDE = 800
"""Where each sale's till is named."""


class ParkedSheet(Sheet):
    """Finishes with the id of the sale to take up again."""

    def __init__(self, anchor: QWidget, rows: Sequence[ParkedRow]) -> None:
        has_places = any(row.place for row in rows)
        super().__init__(anchor, width=_WIDE if has_places else _NARROW)
        title = i18n.tr("kiosk.parked.title")
        self._rows = TableModel(STORE_COLUMNS if has_places else OWN_COLUMNS, self)
        self._rows.set_rows(rows)
        self._table = TableView(self._rows, name=title)
        self._table.horizontalHeader().hide()
        self._table.setMinimumHeight(330)
        self._table.set_empty(
            "pause", i18n.tr("kiosk.parked.empty"), i18n.tr("kiosk.parked.empty.text")
        )
        self.body.addWidget(Label(title, Role.HEADING))
        self.body.addWidget(self._table, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        row.addWidget(stop)
        row.addStretch()
        self._go = Button(i18n.tr("kiosk.parked.recall"), "play", look=Look.PRIMARY)
        self._go.setEnabled(bool(rows))
        connect(self._go.clicked, self._recall)
        row.addWidget(self._go)
        self.body.addLayout(row)
        self.setAccessibleName(title)
        connect(self._table.activated_row, self._take)
        self._table.select_first()
        self._table.setFocus(Qt.FocusReason.TabFocusReason)

    def _take(self, row: object) -> None:
        if isinstance(row, ParkedRow):
            self.finish(row.id)

    def _recall(self) -> None:
        self._take(self._table.current())
