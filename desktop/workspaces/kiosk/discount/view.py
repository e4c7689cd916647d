"""Sheets for a discount and for another price; both want a reason."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.label import Label, Role
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.sheet import Sheet
from desktop.workspaces.kiosk.cart import CartLine
from desktop.workspaces.kiosk.prompts.view import ChoiceButton, Choices, ReasonPicker

_PERCENTS = (5, 10, 15, 20, 30, 50)
_HUNDREDTHS = 100
_HIGHEST_PERCENT = 100
_WIDTH = 760
REASONS = (
    "kiosk.reason.damaged",
    "kiosk.reason.loyal",
    "kiosk.reason.match",
    "kiosk.reason.staff",
    "kiosk.reason.clearance",
)
REMOVED = "removed"
"""What the discount sheet finishes with when the discount is to go."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What was asked for: hundredths of a percent, or minor units off."""

    is_percent: bool
    value: int
    reason: str


class DiscountSheet(Sheet):
    """Percent or amount, with a reason; finishes with a Discount, or REMOVED."""

    def __init__(self, anchor: QWidget, title: str, text: str, *, currency: str) -> None:
        super().__init__(anchor, width=_WIDTH)
        self._percent = NumPad(PadKind.QUANTITY, enter_text=i18n.tr("kiosk.discount.apply"))
        self._percent.set_unit(0, "%")
        self._amount = NumPad(
            PadKind.AMOUNT, currency=currency, enter_text=i18n.tr("kiosk.discount.apply")
        )
        self._amount.hide()
        self._percent.setAccessibleName(i18n.tr("kiosk.discount.percent"))
        self._amount.setAccessibleName(i18n.tr("kiosk.discount.amount"))
        self._reason = ReasonPicker(REASONS)
        self._kind = Choices(
            (
                ("percent", i18n.tr("kiosk.discount.percent"), "percent"),
                ("amount", i18n.tr("kiosk.discount.amount"), "coins"),
            ),
            name=i18n.tr("kiosk.discount.kind"),
        )
        self.body.addWidget(Label(title, Role.HEADING, wraps=True))
        if text:
            self.body.addWidget(Label(text, Role.MUTED, wraps=True))
        self._lay()
        self.setAccessibleName(title)
        connect(self._kind.picked, self._switch)
        connect(self._percent.entered, self._try)
        connect(self._amount.entered, self._try)
        self._percent.setFocus(Qt.FocusReason.TabFocusReason)

    def _lay(self) -> None:
        across = QHBoxLayout()
        across.setSpacing(theme.S6)
        left = QVBoxLayout()
        left.setSpacing(theme.S4)
        left.addWidget(self._kind)
        left.addLayout(self._quick())
        left.addWidget(self._reason)
        left.addStretch()
        feet = QHBoxLayout()
        feet.setSpacing(theme.S2)
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        remove = Button(i18n.tr("kiosk.discount.remove"), look=Look.GHOST)
        connect(remove.clicked, self._remove)
        feet.addWidget(stop)
        feet.addWidget(remove)
        feet.addStretch()
        left.addLayout(feet)
        across.addLayout(left, 1)
        right = QVBoxLayout()
        right.addWidget(self._percent)
        right.addWidget(self._amount)
        across.addLayout(right, 1)
        self.body.addLayout(across, 1)

    def _quick(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.S1)
        for percent in _PERCENTS:
            words = i18n.format_percent(percent * _HUNDREDTHS)
            button = ChoiceButton(str(percent), words, small=True)
            button.setCheckable(False)
            connect(button.picked, self._take_quick)
            row.addWidget(button, 1)
        return row

    def _take_quick(self, percent: str) -> None:
        self._kind.set_value("percent")
        self._switch("percent")
        self._percent.set_value(int(percent))

    def _switch(self, kind: str) -> None:
        is_percent = kind == "percent"
        self._percent.setVisible(is_percent)
        self._amount.setVisible(not is_percent)
        (self._percent if is_percent else self._amount).setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove(self) -> None:
        self.finish(REMOVED)

    def _try(self, _digits: str) -> None:
        is_percent = self._kind.value() == "percent"
        keyed = self._percent.value() if is_percent else self._amount.value()
        if keyed <= 0 or (is_percent and keyed > _HIGHEST_PERCENT) or not self._reason.is_given():
            return
        value = keyed * _HUNDREDTHS if is_percent else keyed
        self.finish(Discount(is_percent, value, self._reason.text()))


@dataclass(frozen=True, slots=True)
class NewPrice:
    """Another price of a line (minor units per whole unit), and why."""

    amount: int
    reason: str


class PriceSheet(Sheet):
    """Another price with a reason; finishes with a NewPrice."""

    def __init__(self, anchor: QWidget, line: CartLine, *, currency: str) -> None:
        super().__init__(anchor, width=_WIDTH)
        self._listed = line.sale.list_price_amount
        title = i18n.tr("kiosk.price.title")
        self._pad = NumPad(
            PadKind.AMOUNT, currency=currency, enter_text=i18n.tr("kiosk.price.apply")
        )
        self._pad.set_value(line.sale.unit_price_amount)
        self._pad.setAccessibleName(title)
        self._reason = ReasonPicker(REASONS)
        self._reason.set_text(line.sale.override_reason)
        self.body.addWidget(Label(title, Role.HEADING))
        listed = i18n.format_money(self._listed, currency)
        text = i18n.tr("kiosk.price.text", name=line.sale.title, price=listed)
        self.body.addWidget(Label(text, Role.MUTED, wraps=True))
        across = QHBoxLayout()
        across.setSpacing(theme.S6)
        left = QVBoxLayout()
        left.addWidget(self._reason)
        left.addStretch()
        stop = Button(i18n.tr("ui.cancel"))
        connect(stop.clicked, self.cancel)
        left.addWidget(stop, 0, Qt.AlignmentFlag.AlignLeading)
        across.addLayout(left, 1)
        across.addWidget(self._pad, 1)
        self.body.addLayout(across, 1)
        self.setAccessibleName(title)
        connect(self._pad.entered, self._try)
        self._pad.setFocus(Qt.FocusReason.TabFocusReason)

    def _try(self, _digits: str) -> None:
        amount = self._pad.value()
        if amount == self._listed or self._reason.is_given():
            self.finish(NewPrice(amount, self._reason.text()))
