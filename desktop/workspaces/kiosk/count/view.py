"""Notes and coins to count, with a number pad for fingers; the total is always in sight."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.label import Label, MoneyLabel, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.workspaces.kiosk.cash import Denomination, counted_amount

_LONGEST = 5
_HEIGHT = 44
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}


class CountField(QLineEdit):
    """How many of one note or coin. Signals: `counted(amount)`, `entered(amount)`, `moved(by)`."""

    counted = Signal(object)
    entered = Signal(object)
    moved = Signal(int)

    def __init__(self, amount: int, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amount = amount
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(_LONGEST)
        self.setPlaceholderText(i18n.format_number(0))
        self.setFont(theme.figures_font(theme.current().density.type.base))
        # Eight coins fit on the smallest screen, and are still as tall as a finger.
        self.setStyleSheet(f"min-height: {_HEIGHT}px; max-height: {_HEIGHT}px;")
        digits = QRegularExpression("[0-9]*")
        self.setValidator(QRegularExpressionValidator(digits, self))
        connect(self.textChanged, self._on_changed)

    def pieces(self) -> int:
        """Give the count."""
        return int(self.text() or "0")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the pad which one is meant, and mark the digits so that typing replaces them."""
        super().focusInEvent(event)
        self.selectAll()
        self.entered.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, down and Enter go to the neighbours."""
        by = _STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(by)

    def _on_changed(self, _text: str) -> None:
        self.counted.emit(self)


class DenominationCount(QWidget):
    """Signal: `changed` when the total differs; `done` after Enter in the last field."""

    changed = Signal()
    done = Signal()

    def __init__(
        self, order: Sequence[Denomination], currency: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._currency = currency
        self._fields: list[CountField] = []
        self._sums: dict[int, MoneyLabel] = {}
        self._active: CountField | None = None
        self._is_following = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S6)
        for title, is_note in (("kiosk.count.notes", True), ("kiosk.count.coins", False)):
            part = [each for each in order if each.is_note is is_note]
            row.addLayout(self._column(i18n.tr(title), part), 1)
        self.pad = NumPad(PadKind.QUANTITY, enter_text=i18n.tr("kiosk.count.next"), is_main=False)
        self.pad.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pad.setAccessibleName(i18n.tr("kiosk.count.pad"))
        connect(self.pad.changed, self._take_pad)
        connect(self.pad.entered, self._go_on)
        self._order_tabs()

    def counts(self) -> Mapping[int, int]:
        """Give the pieces by denomination (minor units)."""
        return {field.amount: field.pieces() for field in self._fields if field.pieces()}

    def total_amount(self) -> int:
        """Give what was counted so far; minor units."""
        return counted_amount(self.counts())

    def clear(self) -> None:
        """Count anew."""
        for field in self._fields:
            field.clear()

    def focus_first(self) -> None:
        """Begin with the largest note."""
        self._fields[0].setFocus(Qt.FocusReason.TabFocusReason)

    # -- inside

    def _column(self, title: str, order: Sequence[Denomination]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.S2)
        column.addWidget(Label(title, Role.OVERLINE))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.S3)
        grid.setVerticalSpacing(theme.S1)
        grid.setColumnMinimumWidth(2, 112)
        grid.setColumnStretch(3, 1)
        for line, each in enumerate(order):
            name = i18n.format_money(each.amount, self._currency)
            field = CountField(each.amount, name)
            field.setFixedWidth(112)
            for signal, method in (
                (field.counted, self._on_counted),
                (field.entered, self._on_entered),
                (field.moved, self._move),
            ):
                connect(signal, method)
            label = MoneyLabel(name)
            grid.addWidget(label, line, 0)
            grid.addWidget(field, line, 1)
            self._sums[each.amount] = MoneyLabel("")
            grid.addWidget(self._sums[each.amount], line, 2)
            self._fields.append(field)
        column.addLayout(grid)
        column.addStretch()
        return column

    def _order_tabs(self) -> None:
        for before, after in zip(self._fields, self._fields[1:], strict=False):
            QWidget.setTabOrder(before, after)

    def _on_counted(self, field: CountField) -> None:
        total = field.amount * field.pieces()
        shown = i18n.format_money(total, self._currency) if total else ""
        self._sums[field.amount].setText(shown)
        if field is self._active and not self._is_following:
            self.pad.set_value(field.pieces())
        self.changed.emit()

    def _on_entered(self, field: CountField) -> None:
        self._active = field
        self.pad.set_value(field.pieces())

    def _take_pad(self) -> None:
        if self._active is not None:
            self._is_following = True
            self._active.setText(self.pad.digits())
            self._is_following = False

    def _go_on(self, _digits: str) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        at = self._fields.index(self._active) + by if self._active is not None else 0
        if at >= len(self._fields):
            self.done.emit()
        elif at >= 0:
            self._fields[at].setFocus(Qt.FocusReason.TabFocusReason)
