"""Missing units: how many, and why; one key each, or command barcodes."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button
from desktop.ui.i18n import tr
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Label, Role
from desktop.ui.sheet import Sheet
from desktop.workspaces.fulfillment.quantities import qty_words
from desktop.workspaces.fulfillment.verify import Step, Word, command_of, left_of
from shared.fulfillment.commands import ShortReason
from shared.fulfillment.queries import PickRow

_ICONS = {
    ShortReason.OUT_OF_STOCK: "package-x",
    ShortReason.DAMAGED: "triangle-alert",
    ShortReason.MISPLACED: "map-pin",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """The answer: so much (minor units of measure), for this reason."""

    qty: int
    reason: ShortReason


class _ReasonButton(Button):
    chosen = Signal(str)

    def __init__(self, reason: ShortReason, number: int) -> None:
        words = tr(f"fulfillment.reason.{reason.value}")
        super().__init__(words, _ICONS[reason], name=f"{words}  ({number})")
        self.setAccessibleName(words)
        self._reason = reason
        connect(self.clicked, self._choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down belong to the count, not to the neighbours."""
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.chosen.emit(self._reason.value)


class ShortSheet(Sheet):
    """Ends with `Missing` or None. Up and Down change the count, 1 to 3 give the reason."""

    def __init__(self, anchor: QWidget, line: PickRow) -> None:
        super().__init__(anchor, width=theme.current().density.type.base * 36)
        self._line = line
        self._left_qty = self.qty = left_of(line, Step.PICK)
        # Whole pieces, or tenths of what is weighed.
        self._step_qty = 10 ** max(0, line.qty_exponent - 1)
        self.setAccessibleName(tr("fulfillment.short.title", title=line.title))
        self._count = Label("", Role.DISPLAY)
        size = theme.current().density.type.display * 2
        self._count.setFont(theme.figures_font(size))
        self._count.setStyleSheet(f"font-size: {size}px;")
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._less = Button("", "minus", name=tr("fulfillment.short.less"))
        self._more = Button("", "plus", name=tr("fulfillment.short.more"))
        self.reasons = [_ReasonButton(reason, at) for at, reason in enumerate(ShortReason, 1)]
        self._lay(line.title)
        connect(self._less.clicked, self._one_less)
        connect(self._more.clicked, self._one_more)
        for button in self.reasons:
            connect(button.chosen, self._choose)
        self._show()

    def open(self) -> None:
        """Show; Enter takes the first reason."""
        super().open()
        self.reasons[0].setFocus(Qt.FocusReason.TabFocusReason)

    def take_code(self, code: str) -> None:
        """Confirm and back work by command barcode too; goods are not counted here."""
        word = command_of(code)
        if word is Word.BACK:
            self.cancel()
        elif word is Word.CONFIRM:
            focused = [button for button in self.reasons if button.hasFocus()]
            (focused or self.reasons)[0].click()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows count, digits answer."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Plus: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key())
        if key in steps:
            self._change(steps[key])
        elif event.text() in {"1", "2", "3"}:
            self.reasons[int(event.text()) - 1].click()
        else:
            super().keyPressEvent(event)

    def _lay(self, title: str) -> None:
        self.body.addWidget(Label(title, Role.TITLE, wraps=True))
        self.body.addWidget(Label(tr("fulfillment.missing"), Role.MUTED, wraps=True))
        figures = QHBoxLayout()
        figures.setSpacing(theme.S4)
        figures.addStretch(1)
        figures.addWidget(self._less)
        figures.addWidget(self._count)
        figures.addWidget(self._more)
        figures.addStretch(1)
        self._count.setMinimumWidth(theme.current().density.type.display * 4)
        self.body.addLayout(figures)
        self.body.addWidget(Label(tr("fulfillment.short.why"), Role.MUTED, wraps=True))
        column = QVBoxLayout()
        column.setSpacing(theme.S2)
        for number, button in enumerate(self.reasons, 1):
            row = QHBoxLayout()
            row.setSpacing(theme.S3)
            row.addWidget(button, 1)
            row.addWidget(KeyHint(str(number)), 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(row)
        self.body.addLayout(column)

    def _choose(self, reason: str) -> None:
        self.finish(Missing(self.qty, ShortReason(reason)))

    def _one_less(self) -> None:
        self._change(-1)

    def _one_more(self) -> None:
        self._change(1)

    def _change(self, by: int) -> None:
        least = min(self._step_qty, self._left_qty)
        self.qty = min(max(least, self.qty + by * self._step_qty), self._left_qty)
        self._show()

    def _show(self) -> None:
        words = qty_words(self._line, self.qty)
        self._count.setText(words)
        self._count.setAccessibleName(f"{tr('fulfillment.missing')} {words}")
        self._less.setEnabled(self.qty > min(self._step_qty, self._left_qty))
        self._more.setEnabled(self.qty < self._left_qty)
