"""Command palette (Ctrl+K): every action and screen by name, from the lists that make buttons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui import i18n, theme
from desktop.ui.actions import LiveAction
from desktop.ui.binding import connect
from desktop.ui.columns import Align, Column, Kind, fixed, stretch
from desktop.ui.search_field import SearchField
from desktop.ui.sheet import Sheet
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView

_MOST = 50


@dataclass(frozen=True, slots=True)
class PaletteRow:
    """One line of the palette."""

    id: str
    icon: str
    text: str
    group: str
    keys: str


_COLUMNS = (
    Column(key="icon", title_key="", kind=Kind.ICON, width=fixed(3)),
    Column(key="text", title_key="", width=stretch(3), strong=True),
    Column(key="group", title_key="", width=stretch(1, 10), muted=True),
    Column(key="keys", title_key="", kind=Kind.KEYS, width=fixed(12), align=Align.END),
)


def plain(text: str) -> str:
    """Give a text without accents and capitals, for comparing."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))


def matching(rows: Iterable[PaletteRow], text: str) -> list[PaletteRow]:
    """Give the rows whose words begin with (first) or contain every word of `text`."""
    words = plain(text).split()
    found: list[tuple[int, PaletteRow]] = []
    for row in rows:
        there = plain(f"{row.text} {row.group}")
        if all(word in there for word in words):
            starts = any(part.startswith(words[0]) for part in there.split()) if words else True
            found.append((0 if starts else 1, row))
    found.sort(key=_rank)
    return [row for _, row in found][:_MOST]


def _rank(pair: tuple[int, PaletteRow]) -> int:
    return pair[0]


class PaletteSheet(Sheet):
    """A search field over a list; Enter does the marked action after the sheet has closed."""

    def __init__(self, anchor: QWidget, live: Sequence[LiveAction]) -> None:
        super().__init__(anchor, width=theme.current().density.type.base * 44)
        self.body.setContentsMargins(theme.S2, theme.S2, theme.S2, theme.S2)
        self.body.setSpacing(theme.S1)
        self._live = {action.action.id: action for action in live if action.isEnabled()}
        self._rows = [_row(action) for action in self._live.values()]
        self._model = TableModel(_COLUMNS, self)
        self._list = TableView(self._model, name=i18n.tr("ui.palette"))
        self._list.horizontalHeader().hide()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.set_empty("search", i18n.tr("ui.palette.empty"))
        self._list.setFixedHeight(theme.current().density.row * 8)
        self._field = SearchField(i18n.tr("ui.palette.placeholder"))
        self.body.addWidget(self._field)
        self.body.addWidget(self._list)
        self.setAccessibleName(i18n.tr("ui.palette"))
        connect(self._field.searched, self._search)
        connect(self._field.entered, self._enter)
        connect(self._field.stepped, self._step)
        connect(self._list.clicked, self._pick)
        self._search("", 0)

    def rows(self) -> list[PaletteRow]:
        """Give the lines shown."""
        rows = (self._model.row_at(place) for place in range(self._model.rowCount()))
        return [row for row in rows if isinstance(row, PaletteRow)]

    def _search(self, text: str, _generation: int) -> None:
        self._model.set_rows(matching(self._rows, text))
        self._list.select_first()

    def _step(self, key: int) -> None:
        press = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._list, press)

    def _enter(self, _text: str) -> None:
        self._pick()

    def _pick(self) -> None:
        row = self._list.current()
        if isinstance(row, PaletteRow):
            chosen = self._live[row.id]
            self.finish(row.id)
            chosen.trigger()


def _row(live: LiveAction) -> PaletteRow:
    action = live.action
    keys = action.keys[0] if action.keys else ""
    return PaletteRow(action.id, action.icon, live.text(), i18n.tr(action.group_key), keys)
