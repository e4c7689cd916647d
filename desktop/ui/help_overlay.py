"""Help overlay (F1): which keys do what here, from the lists that make buttons."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.actions import LiveAction
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet

_PER_COLUMN = 12


class HelpSheet(Sheet):
    """Every action with a key, by group, in columns."""

    def __init__(self, anchor: QWidget, live: Sequence[LiveAction]) -> None:
        with_keys = [action for action in live if action.action.keys]
        columns = 1 if len(with_keys) <= _PER_COLUMN else 2
        super().__init__(anchor, width=theme.current().density.type.base * 30 * columns)
        head = QHBoxLayout()
        head.addWidget(Label(i18n.tr("ui.help"), Role.HEADING))
        head.addStretch()
        close = Button("", "x", look=Look.GHOST, small=True, name=i18n.tr("ui.close"))
        connect(close.clicked, self.cancel)
        head.addWidget(close)
        self.body.addLayout(head)
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, theme.S2, 0)
        row.setSpacing(theme.S8)
        for lines in _shared_out(with_keys, columns):
            row.addLayout(_column(lines), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setMinimumHeight(min(inner.sizeHint().height() + 4, 520))
        self.body.addWidget(area)
        self.setAccessibleName(i18n.tr("ui.help"))


def _shared_out(live: Sequence[LiveAction], columns: int) -> list[list[LiveAction]]:
    per = -(-len(live) // columns) if live else 1
    return [list(live[at : at + per]) for at in range(0, max(1, len(live)), per)]


def _column(live: Sequence[LiveAction]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(theme.S2)
    group = ""
    for action in live:
        if action.action.group_key != group:
            if group:
                column.addSpacing(theme.S3)
            group = action.action.group_key
            column.addWidget(Label(i18n.tr(group), Role.OVERLINE))
        line = QHBoxLayout()
        line.setSpacing(theme.S3)
        line.addWidget(Label(action.text()), 1)
        for keys in action.action.keys:
            line.addWidget(KeyHint(keys), 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(line)
    column.addStretch()
    return column
