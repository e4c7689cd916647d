"""Carrier and tracking number on screen; a scanned tracking number ships at once."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.fields import FieldSpec
from desktop.ui.forms import Form
from desktop.ui.i18n import tr
from desktop.ui.label import ElidedLabel, Label, Role
from shared.kernel.errors import Rejected


class ShipPanel(QWidget):
    """Signals: `submitted(carrier, tracking number)`, `carrier_chosen(carrier)`."""

    submitted = Signal(str, str)
    carrier_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.form = Form(
            [
                FieldSpec(
                    key="carrier", label_key="fulfillment.carrier", is_required=True, longest=60
                ),
                FieldSpec(
                    key="tracking_number",
                    label_key="fulfillment.tracking_number",
                    help_key="fulfillment.tracking_number.help",
                    is_required=True,
                    longest=60,
                ),
            ]
        )
        self._button = Button(tr("fulfillment.ship"), "truck", look=Look.PRIMARY)
        self._slip = ElidedLabel("", Role.SMALL)
        self._done = Label("", Role.HEADING, wraps=True)
        card = Card(tr("fulfillment.step.ship"))
        card.body.addWidget(self._done)
        card.body.addWidget(self.form)
        card.body.addWidget(self._button)
        card.body.addWidget(self._slip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S3)
        column.addWidget(card)
        self._is_fresh = True
        connect(self._button.clicked, self._submit)
        connect(self.form.submitted, self._submit)
        connect(self.form.dirty_changed, self._tell_carrier)

    def show_parcel(
        self, *, carrier: str, slip: Path | None, is_shipped: bool, tracking_number: str
    ) -> None:
        """Show what is known; typed text is never overwritten."""
        self._slip.set_whole("" if slip is None else tr("fulfillment.slip_at", path=str(slip)))
        self.form.setVisible(not is_shipped)
        self._button.setVisible(not is_shipped)
        self._done.setVisible(is_shipped)
        if is_shipped:
            self._done.setText(tr("fulfillment.shipped_with", number=tracking_number))
            self._is_fresh = True
        elif self._is_fresh:
            self.form.set_values({"carrier": carrier, "tracking_number": ""})
            self._is_fresh = False

    def focus_first(self) -> None:
        """Be ready for what is missing: the carrier, else the tracking number."""
        has_carrier = bool(self.form.field("carrier").value())
        field = self.form.field("tracking_number" if has_carrier else "carrier")
        field.setFocus()
        editor = field.focusProxy()
        if editor is not None:
            editor.setFocus()

    def show_rejected(self, error: Rejected) -> None:
        """Say at its field what is wrong."""
        self.form.show_rejected(error)

    def _tell_carrier(self, _is_dirty: bool) -> None:  # noqa: FBT001 - the signal's shape
        self.carrier_chosen.emit(str(self.form.field("carrier").value()))

    def _submit(self) -> None:
        values = self.form.values()
        if values is not None:
            self.submitted.emit(str(values["carrier"]), str(values["tracking_number"]))
