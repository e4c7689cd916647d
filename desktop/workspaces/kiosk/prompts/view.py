"""Pieces of short questions: reasons to tap, choices side by side, a pad in a sheet."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.label import Label, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.sheet import Sheet
from desktop.workspaces.kiosk.cart import CartLine
from shared.kernel.errors import Rejected


class ChoiceButton(Button):
    """One of several that can be chosen. Signal: `picked(value)`."""

    picked = Signal(str)

    def __init__(self, value: str, text: str, icon: str = "", *, small: bool = False) -> None:
        super().__init__(text, icon, small=small)
        self.value = value
        self.setCheckable(True)
        connect(self.toggled, self._follow)
        connect(self.clicked, self._pick)

    def _follow(self, is_on: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.set_look(Look.PRIMARY if is_on else Look.PLAIN)

    def _pick(self) -> None:
        self.picked.emit(self.value)


class Choices(QWidget):
    """Buttons side by side, one of which is on. Signal: `picked(value)`."""

    picked = Signal(str)

    def __init__(
        self, options: Sequence[tuple[str, str, str]], *, name: str, parent: QWidget | None = None
    ) -> None:
        """`options` are (value, text, icon); the first is on."""
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S2)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons = [ChoiceButton(value, text, icon) for value, text, icon in options]
        for button in self._buttons:
            self._group.addButton(button)
            row.addWidget(button, 1)
            connect(button.picked, self._pick)
        self._buttons[0].setChecked(True)

    def value(self) -> str:
        """Give the value that is on."""
        return next((button.value for button in self._buttons if button.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Turn another one on, without telling anybody."""
        for button in self._buttons:
            if button.value == value:
                button.setChecked(True)

    def _pick(self, value: str) -> None:
        self.picked.emit(value)


class ReasonPicker(QWidget):
    """A reason: tapped from those that are common, or typed."""

    def __init__(
        self, keys: Sequence[str], *, small: bool = True, parent: QWidget | None = None
    ) -> None:
        """`keys` are the texts' keys of the common reasons."""
        super().__init__(parent)
        self._field = QLineEdit()
        self._field.setPlaceholderText(i18n.tr("kiosk.reason.placeholder"))
        self._field.setAccessibleName(i18n.tr("kiosk.reason"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S2)
        column.addWidget(Label(i18n.tr("kiosk.reason"), Role.LABEL))
        common = QWidget()
        flow = FlowLayout(common, gap=theme.S2)
        flow.setContentsMargins(0, 0, 0, 0)
        for key in keys:
            button = _ReasonButton(i18n.tr(key), small=small)
            connect(button.picked, self._take)
            flow.addWidget(button)
        column.addWidget(common)
        column.addWidget(self._field)
        self._error = Label("", Role.ERROR, wraps=True)
        self._error.hide()
        column.addWidget(self._error)
        connect(self._field.textChanged, self._clear_error)

    @property
    def field(self) -> QLineEdit:
        """The line to type into."""
        return self._field

    def text(self) -> str:
        """Give the reason."""
        return self._field.text().strip()

    def set_text(self, text: str) -> None:
        """Show a reason."""
        self._field.setText(text)

    def complain(self, error: Rejected) -> None:
        """Show what is wrong with it."""
        self._error.setText(i18n.error_text(error))
        self._error.show()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_given(self) -> bool:
        """Say whether there is one, and complain when not."""
        if not self.text():
            self.complain(Rejected("reason_missing", field="reason"))
        return bool(self.text())

    def _take(self, text: str) -> None:
        self._field.setText(text)

    def _clear_error(self, _text: str) -> None:
        self._error.hide()


class _ReasonButton(Button):
    picked = Signal(str)

    def __init__(self, text: str, *, small: bool) -> None:
        super().__init__(text, small=small)
        self._words = text
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(self.clicked, self._pick)

    def _pick(self) -> None:
        self.picked.emit(self._words)


class PadSheet(Sheet):
    """A title and a pad; finishes with what was keyed: whole minor units, or a code's text."""

    def __init__(
        self, anchor: QWidget, pad: NumPad, *, title: str, text: str = "", is_code: bool = False
    ) -> None:
        super().__init__(anchor, width=400)
        self.pad = pad
        self._is_code = is_code
        self.body.addWidget(Label(title, Role.HEADING, wraps=True))
        if text:
            self.body.addWidget(Label(text, Role.MUTED, wraps=True))
        self.body.addWidget(pad, 1)
        stop = Button(i18n.tr("ui.cancel"))
        stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        connect(stop.clicked, self.cancel)
        self.body.addWidget(stop)
        self.setAccessibleName(title)
        connect(pad.entered, self._on_entered)
        pad.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_entered(self, digits: str) -> None:
        if self._is_code:
            if digits.strip():
                self.finish(digits.strip())
        elif self.pad.value() > 0:
            self.finish(self.pad.value())


def quantity_sheet(anchor: QWidget, line: CartLine) -> PadSheet:
    """Ask for the quantity of a line, in minor units of its unit of measure."""
    pad = NumPad(PadKind.QUANTITY, enter_text=i18n.tr("kiosk.qty.set"), longest=6)
    exponent = line.sale.qty_exponent
    pad.set_unit(exponent, line.unit_code if exponent else "")
    pad.set_value(line.sale.qty)
    pad.setAccessibleName(i18n.tr("kiosk.qty.title"))
    return PadSheet(anchor, pad, title=i18n.tr("kiosk.qty.title"), text=line.sale.title)


def reference_sheet(anchor: QWidget, text: str) -> PadSheet:
    """Ask for the reference that another terminal gave."""
    pad = NumPad(PadKind.CODE, enter_text=i18n.tr("kiosk.tender.approved"), longest=24)
    title = i18n.tr("kiosk.tender.reference")
    pad.setAccessibleName(title)
    return PadSheet(anchor, pad, title=title, text=text, is_code=True)
