"""Carrier and tracking number on screen; a scanned tracking number ships at once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.editors import editor_value
from desktop.ui.fields import FieldSpec
from desktop.ui.forms import Form
from desktop.ui.i18n import tr
from desktop.ui.label import Label, Role
from desktop.workspaces.fulfillment.slip import address_lines
from desktop.workspaces.fulfillment.slip_line.view import SlipLine
from shared.fulfillment.queries import Delivery
from shared.kernel.errors import Rejected

_FIELDS = (
    FieldSpec(key="carrier", label_key="fulfillment.carrier", is_required=True, longest=60),
    FieldSpec(
        key="tracking_number",
        label_key="fulfillment.tracking_number",
        help_key="fulfillment.tracking_number.help",
        is_required=True,
        longest=60,
    ),
)


class ShipPanel(QWidget):
    """Signal: `submitted(carrier, tracking number)`."""

    submitted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.form = Form(_FIELDS)
        self._button = Button(tr("fulfillment.ship"), "truck", look=Look.PRIMARY)
        self._address = Label("", Role.HEADING, wraps=True)
        self.slip = SlipLine()
        self._parcel_id = ""
        self._filled = ("", "")
        card = Card()
        card.body.setSpacing(theme.S2)
        card.body.addWidget(Label(tr("fulfillment.ship_to"), Role.OVERLINE))
        card.body.addWidget(self._address)
        card.body.addSpacing(theme.S4)
        card.body.addWidget(self.form)
        card.body.addSpacing(theme.S2)
        card.body.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeading)
        card.body.addStretch(1)
        card.body.addWidget(self.slip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        connect(self._button.clicked, self.submit)
        connect(self.form.submitted, self.submit)

    def carrier(self) -> str:
        """What stands in the carrier's field."""
        return str(editor_value(self.form.field("carrier").editor))

    def show_parcel(self, found: Delivery, *, carrier: str, tracking_number: str) -> None:
        """Show what is known; typed text is never overwritten."""
        lines = address_lines(found.order.ship_to, found.order.customer_name)
        self._address.setText("\n".join(lines))
        is_new = found.fulfillment.fulfillment_id != self._parcel_id
        if is_new:
            self._parcel_id = found.fulfillment.fulfillment_id
            self.form.set_values({"carrier": carrier, "tracking_number": tracking_number})
        elif tracking_number and tracking_number != self._filled[1]:
            self.form.set_values({"carrier": carrier, "tracking_number": tracking_number})
        self._filled = (carrier, tracking_number)

    def focus_first(self) -> None:
        """Be ready for what is missing: the carrier, else the tracking number."""
        field = self.form.field("tracking_number" if self.carrier() else "carrier")
        field.editor.setFocus(Qt.FocusReason.TabFocusReason)

    def show_rejected(self, error: Rejected) -> None:
        """Say at its field what is wrong."""
        self.form.show_rejected(error)

    def submit(self) -> None:
        """Hand the parcel over with what stands in the fields."""
        values = self.form.values()
        if values is not None:
            self.submitted.emit(str(values["carrier"]), str(values["tracking_number"]))
