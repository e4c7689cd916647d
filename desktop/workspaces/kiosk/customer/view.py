"""Sheet that finds the customer of a sale."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui import i18n, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.columns import Column, Kind, fixed, stretch
from desktop.ui.dialogs import Values, show_form
from desktop.ui.fields import FieldSpec
from desktop.ui.label import Label, Role
from desktop.ui.search_field import SearchField
from desktop.ui.sheet import Sheet
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.workspaces.kiosk.customer.view_model import CustomerChoice, CustomerSearch

_COLUMNS = (
    Column(
        key="name",
        title_key="kiosk.customer.name",
        width=stretch(1, 14),
        strong=True,
        detail="detail",
    ),
    Column(key="phone", title_key="kiosk.customer.phone", kind=Kind.CODE, width=fixed(14)),
)
NOBODY = "nobody"
"""What the sheet finishes with when the customer is to go."""


class CustomerSheet(Sheet):
    """Finishes with a CustomerChoice, or NOBODY."""

    def __init__(
        self, anchor: QWidget, search: CustomerSearch, *, has_customer: bool, may_add: bool
    ) -> None:
        super().__init__(anchor, width=720)
        self._search = search
        search.setParent(self)
        title = i18n.tr("kiosk.customer.title")
        self._field = SearchField(i18n.tr("kiosk.customer.search"))
        self._rows = TableModel(_COLUMNS, self)
        self._table = TableView(self._rows, name=title)
        self._table.horizontalHeader().hide()
        self._table.setMinimumHeight(330)
        self._table.set_empty(
            "users", i18n.tr("kiosk.customer.empty"), i18n.tr("kiosk.customer.empty.text")
        )
        self.body.addWidget(Label(title, Role.HEADING))
        self.body.addWidget(self._field)
        self.body.addWidget(self._table, 1)
        self._foot(has_customer=has_customer, may_add=may_add)
        self.setAccessibleName(title)
        connect(search.changed, self._show)
        connect(self._field.searched, self._on_searched)
        connect(self._field.entered, self._on_entered)
        connect(self._field.stepped, self._on_stepped)
        connect(self._table.activated_row, self._take)
        connect(self._table.clicked, self._on_clicked)
        self._field.setFocus(Qt.FocusReason.TabFocusReason)
        search.type("")

    def _foot(self, *, has_customer: bool, may_add: bool) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.S2)
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        row.addWidget(stop)
        if has_customer:
            remove = Button(i18n.tr("kiosk.customer.remove"), look=Look.GHOST)
            connect(remove.clicked, self._remove)
            row.addWidget(remove)
        row.addStretch()
        if may_add:
            add = Button(i18n.tr("kiosk.customer.add"), "user-plus")
            connect(add.clicked, self._add)
            row.addWidget(add)
        self.body.addLayout(row)

    def _show(self) -> None:
        self._rows.set_rows(self._search.found)
        if self._table.current() is None:
            self._table.select_first()

    def _on_searched(self, text: str, _generation: int) -> None:
        self._search.type(text)

    def _on_entered(self, _text: str) -> None:
        row = self._table.current()
        if row is not None:
            self._take(row)

    def _on_stepped(self, key: int) -> None:
        by = -1 if key in {Qt.Key.Key_Up, Qt.Key.Key_PageUp} else 1
        place = max(0, self._table.currentIndex().row() + by)
        wanted = self._rows.key_at(min(place, self._rows.rowCount() - 1))
        if wanted is not None:
            self._table.select_key(wanted)

    def _on_clicked(self, _index: object) -> None:
        row = self._table.current()
        if row is not None:
            self._take(row)

    def _take(self, row: object) -> None:
        self.finish(row)

    def _remove(self) -> None:
        self.finish(NOBODY)

    def _add(self) -> None:
        tasks.spawn(self, self._ask_new())

    async def _ask_new(self) -> None:
        made: list[CustomerChoice] = []

        async def save(values: Values) -> None:
            name, phone, email = (str(values[key] or "") for key in ("name", "phone", "email"))
            made.append(await self._search.add(name, phone, email))

        await show_form(
            self,
            i18n.tr("kiosk.customer.add"),
            [
                FieldSpec(key="name", label_key="kiosk.customer.name", longest=120),
                FieldSpec(key="phone", label_key="kiosk.customer.phone", longest=40),
                FieldSpec(key="email", label_key="kiosk.customer.email", longest=120),
            ],
            values={"name": self._field.text().strip()},
            submit=save,
        )
        if made:
            self.finish(made[0])
