"""Fields for figures: money and quantities as whole minor units, typed in the language's way."""

from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from desktop.ui import fonts, i18n, theme
from desktop.ui.binding import connect
from shared.kernel.errors import Rejected

_LARGEST = 10**15


class FigureField(QLineEdit):
    """A number with a fixed number of decimals, held as whole minor units.

    `value()` is int, or None when empty; raises Rejected (`number_invalid`,
    `number_too_precise`, `number_too_large`) for what cannot be kept exactly.
    """

    edited = Signal()

    def __init__(self, digits: int, unit: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits = digits
        self._unit = QLabel(unit, self)
        self._unit.setProperty("role", "muted")
        self._unit.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._set_font()
        connect(self.textEdited, self._on_edited)

    def set_unit(self, digits: int, unit: str) -> None:
        """Change the unit and how many decimals it has."""
        self._digits = digits
        self._unit.setText(unit)
        self._place_unit()

    def value(self) -> int | None:
        """Give the minor units."""
        text = self.text().strip()
        if not text:
            return None
        number = i18n.parse_number(text)
        if number is None:
            raise Rejected("number_invalid")
        exact = number.scaleb(self._digits)
        if exact != exact.to_integral_value():
            raise Rejected("number_too_precise", digits=self._digits)
        if abs(exact) > _LARGEST:
            raise Rejected("number_too_large")
        return int(exact)

    def set_value(self, value: int | None) -> None:
        """Show minor units as a number."""
        if value is None:
            self.clear()
            return
        exact = Decimal(value).scaleb(-self._digits)
        self.setText(i18n.format_number(exact, decimals=self._digits))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark everything, so that typing replaces it."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Write the number in full once it is left."""
        super().focusOutEvent(event)
        try:
            value = self.value()
        except Rejected:
            return
        self.set_value(value)

    def event(self, event: QEvent) -> bool:
        """Follow the theme and the size."""
        if event.type() is QEvent.Type.StyleChange:
            self._set_font()
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Polish}:
            self._place_unit()
        return super().event(event)

    def _on_edited(self, _text: str) -> None:
        self.edited.emit()

    def _set_font(self) -> None:
        wanted = fonts.money_font(theme.current().density.type.base)
        if wanted != self.font():
            self.setFont(wanted)

    def _place_unit(self) -> None:
        width = self._unit.sizeHint().width()
        self._unit.setGeometry(theme.S3, 0, width, self.height())
        self.setTextMargins(width + theme.S2 if self._unit.text() else 0, 0, 0, 0)


class MoneyField(FigureField):
    """An amount in minor units of one currency."""

    def __init__(self, currency: str, *, parent: QWidget | None = None) -> None:
        super().__init__(i18n.minor_digits(currency), i18n.currency_sign(currency), parent=parent)

    def set_currency(self, currency: str) -> None:
        """Change the currency; the text stays as typed."""
        self.set_unit(i18n.minor_digits(currency), i18n.currency_sign(currency))


class QuantityField(FigureField):
    """A quantity in minor units of its unit of measure."""
