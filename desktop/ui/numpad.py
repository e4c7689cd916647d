"""Number pad for fingers: amounts as minor units, quantities, PINs; keys never move."""

from decimal import Decimal
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role

_LONGEST = 10


class PadKind(StrEnum):
    """What is keyed in."""

    AMOUNT = "amount"
    QUANTITY = "quantity"
    PIN = "pin"
    CODE = "code"


class _Key(Button):
    pressed_key = Signal(str)

    def __init__(self, word: str, text: str, *, icon: str = "", name: str = "") -> None:
        super().__init__(text, icon, name=name or text)
        self._word = word
        self.setProperty("scale", "key")
        self.setProperty("square", "")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        connect(self.clicked, self._press)

    def sizeHint(self) -> QSize:
        """As tall as any control; a low window makes it smaller, down to a finger's width."""
        return QSize(super().sizeHint().width(), theme.current().density.control + 2)

    def _press(self) -> None:
        self.pressed_key.emit(self._word)


class NumPad(QWidget):
    """Signals: `changed` on each key, `entered(digits)` on Enter.

    `value()` is what was keyed as an int: for AMOUNT minor units (1 2 3 4 is 12.34), so there is
    no decimal key to forget. A QUANTITY is whole minor units too, once `set_unit` has told them.
    A PIN is read with `digits()` and shown as dots; a CODE is kept as it was typed, letters too.
    """

    changed = Signal()
    entered = Signal(str)

    def __init__(
        self,
        kind: PadKind = PadKind.AMOUNT,
        *,
        currency: str = "",
        enter_text: str = "",
        longest: int = _LONGEST,
        is_main: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`is_main`: its Enter is what the screen is about, not one of its steps."""
        super().__init__(parent)
        self._kind, self._currency, self._longest = kind, currency, longest
        self._digits = ""
        self._starts_anew = False
        self._decimals, self._unit = 0, ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown = Label("", Role.TITLE)
        is_pin = kind is PadKind.PIN
        if is_pin:
            self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        else:
            self._shown.set_at_end()
        self._shown.setProperty("pad", "true")
        self._shown.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S2)
        column.addWidget(self._shown)
        column.addLayout(self._keys(), 1)
        look = Look.PRIMARY if is_main else Look.PLAIN
        self._enter = Button(enter_text or i18n.tr("ui.pad.enter"), look=look)
        self._enter.setProperty("tall", "true")
        self._enter.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._enter)
        connect(self._enter.clicked, self.enter)
        self._show()

    def digits(self) -> str:
        """Give the digits as keyed."""
        return self._digits

    def value(self) -> int:
        """Give what was keyed as whole (minor) units."""
        return int(self._digits or "0")

    def set_value(self, value: int) -> None:
        """Show a value; the next digit replaces it."""
        self._digits = str(value) if value else ""
        self._starts_anew = True
        self._show()

    def set_unit(self, decimals: int, unit: str = "") -> None:
        """Show quantities with so many decimals, and their unit: 1 2 5 0 is 1.250 kg."""
        self._decimals, self._unit = decimals, unit
        self._show()

    def clear(self) -> None:
        """Take all digits away."""
        self._digits = ""
        self._show()

    def enter(self) -> None:
        """Say that the person is done."""
        self.entered.emit(self._digits)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits from a keyboard too."""
        text = event.text()
        is_sign = self._kind is PadKind.CODE and len(text) == 1 and text.isprintable()
        if is_sign or (text.isdecimal() and text.isascii()):
            self._press(text)
        elif event.key() == Qt.Key.Key_Backspace:
            self._press("back")
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.enter()
        else:
            super().keyPressEvent(event)

    def _keys(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.S2)
        for place, word in enumerate("789456123"):
            self._add(grid, _Key(word, word), place)
        zero = "00" if self._kind is PadKind.AMOUNT else ""
        if zero:
            self._add(grid, _Key(zero, zero), 9)
        else:
            self._add(grid, _Key("clear", "", icon="x", name=i18n.tr("ui.pad.clear")), 9)
        self._add(grid, _Key("0", "0"), 10)
        self._add(grid, _Key("back", "", icon="delete", name=i18n.tr("ui.pad.back")), 11)
        for line in range(4):
            grid.setRowStretch(line, 1)
        return grid

    def _add(self, grid: QGridLayout, key: _Key, place: int) -> None:
        connect(key.pressed_key, self._press)
        # Calculators and tills are read from the left in every language.
        column = place % 3
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            column = 2 - column
        grid.addWidget(key, place // 3, column)

    def _press(self, word: str) -> None:
        if word == "back":
            self._digits = self._digits[:-1]
        elif word == "clear":
            self._digits = ""
        else:
            before = "" if self._starts_anew else self._digits
            joined = before + word
            if self._kind not in {PadKind.PIN, PadKind.CODE}:
                joined = joined.lstrip("0")
            self._digits = joined if len(joined) <= self._longest else before
        self._starts_anew = False
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        if self._kind is PadKind.PIN:
            self._shown.setText("●  " * len(self._digits))
        elif self._kind is PadKind.AMOUNT:
            self._shown.setText(i18n.format_money(self.value(), self._currency))
        elif self._kind is PadKind.CODE:
            self._shown.setText(self._digits)
        else:
            exact = Decimal(self.value()).scaleb(-self._decimals)
            shown = i18n.format_number(exact, decimals=self._decimals)
            self._shown.setText(f"{shown}\u202f{self._unit}" if self._unit else shown)
        self._shown.setFont(theme.figures_font(theme.current().density.type.title))
