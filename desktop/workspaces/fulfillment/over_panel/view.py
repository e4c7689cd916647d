"""What is left to say when a parcel is done with, and the way to the next one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.actions import ActionButton
from desktop.ui.card import Card
from desktop.ui.i18n import tr
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Icon, Label, Role
from desktop.workspaces.fulfillment.quantities import units_of
from desktop.workspaces.fulfillment.slip_line.view import SlipLine
from shared.fulfillment.commands import FulfillmentState
from shared.fulfillment.queries import Delivery


class OverPanel(QWidget):
    """Shipped, called off, or nothing to pack: one sentence and one button."""

    def __init__(self, go_on: ActionButton | None) -> None:
        super().__init__()
        self.go_on = go_on
        self._icon = Icon("truck", "ok", 72)
        self._head = Label("", Role.TITLE, wraps=True)
        self._text = Label("", Role.BODY, wraps=True)
        self.slip = SlipLine()
        card = Card()
        card.body.setSpacing(theme.S3)
        card.body.setContentsMargins(theme.S4, theme.S4, theme.S4, theme.S4)
        card.body.addStretch(1)
        card.body.addWidget(self._icon)
        card.body.addWidget(self._head)
        card.body.addWidget(self._text)
        card.body.addSpacing(theme.S4)
        if go_on is not None:
            row = QHBoxLayout()
            row.setSpacing(theme.S3)
            row.addWidget(go_on)
            row.addWidget(KeyHint("Enter"), 0, Qt.AlignmentFlag.AlignVCenter)
            row.addStretch(1)
            card.body.addLayout(row)
        card.body.addStretch(2)
        card.body.addWidget(self.slip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def show_parcel(self, found: Delivery) -> None:
        """Say how it ended."""
        row = found.fulfillment
        number = found.order.order_number
        if row.state is FulfillmentState.SHIPPED:
            self._icon.set_icon("truck", "ok")
            self._head.setText(tr("fulfillment.shipped", number=number))
            self._text.setText(
                tr(
                    "fulfillment.shipped_with",
                    carrier=row.carrier,
                    number=row.tracking_number,
                )
            )
        elif row.state is FulfillmentState.CANCELED:
            taken = sum(units_of(each, each.picked_qty, of=each.picked_qty) for each in found.lines)
            self._icon.set_icon("ban", "warn")
            self._head.setText(tr("fulfillment.canceled"))
            key = "fulfillment.put_back" if taken else "fulfillment.put_back.none"
            self._text.setText(tr(key, count=taken) if taken else tr(key))
        else:
            self._icon.set_icon("package-x", "warn")
            self._head.setText(tr("fulfillment.nothing_picked"))
            self._text.setText(tr("fulfillment.nothing_picked.text"))

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text.text()

    def focus_first(self) -> None:
        """Enter goes on."""
        if self.go_on is not None:
            self.go_on.setFocus(Qt.FocusReason.TabFocusReason)
