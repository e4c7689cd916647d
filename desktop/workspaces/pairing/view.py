"""Pairing on screen: three fields, then the progress of the first fill."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.card import Card
from desktop.ui.fields import FieldSpec
from desktop.ui.forms import Form
from desktop.ui.i18n import error_text, format_number, format_percent, tr
from desktop.ui.label import Label, Role
from desktop.ui.skeleton import Skeleton
from desktop.workspaces.pairing.view_model import PairingViewModel
from shared.kernel.errors import Rejected, Unavailable

_FIELDS = (
    FieldSpec(key="server_url", label_key="pairing.server", is_required=True),
    FieldSpec(
        key="pairing_code",
        label_key="pairing.code",
        help_key="pairing.code.help",
        is_required=True,
        longest=40,
    ),
    FieldSpec(key="name", label_key="pairing.name", is_required=True, longest=80),
)


class PairingView(QWidget):
    """The first thing a new machine shows."""

    def __init__(self, view_model: PairingViewModel, *, server_url: str, name: str) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(tr("pairing.title"))
        self._view_model = view_model
        view_model.setParent(self)
        self.form = Form(_FIELDS)
        self.form.set_values({"server_url": server_url, "pairing_code": "", "name": name})
        first = "pairing_code" if server_url else "server_url"
        self.setFocusProxy(self.form.field(first).editor)
        self._button = Button(tr("pairing.pair"), "link", look=Look.PRIMARY)
        self._error = Label("", Role.ERROR, wraps=True)
        self._error.hide()
        self._intro = Label(tr("pairing.text"), Role.MUTED, wraps=True)
        self._progress = Label("", Role.HEADING, wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("pairing.progress"))
        self._skeleton = Skeleton(3)
        self._lay()
        connect(self._button.clicked, self._pair)
        connect(self.form.submitted, self._pair)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field that is still to be filled."""
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay(self) -> None:
        card = Card(tr("pairing.title"))
        card.body.setSpacing(theme.S4)
        for widget in (
            self._intro,
            self.form,
            self._error,
            self._button,
            self._progress,
            self._bar,
            self._skeleton,
        ):
            card.body.addWidget(widget)
        card.setFixedWidth(theme.current().density.type.base * 34)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)

    def _show(self) -> None:
        view_model = self._view_model
        before: tuple[QWidget, ...] = (self._intro, self.form, self._button)
        after: tuple[QWidget, ...] = (self._progress, self._skeleton)
        for widget in before:
            widget.setVisible(not view_model.is_paired)
        for widget in after:
            widget.setVisible(view_model.is_paired)
        self._button.setEnabled(not view_model.busy)
        if view_model.is_paired:
            self._say("")
        self._progress.setText(_how_far(view_model))
        self._bar.setValue(view_model.fill.percent)
        self._bar.setVisible(view_model.is_paired and view_model.fill.file_bytes > 0)

    def _pair(self) -> None:
        values = self.form.values()
        if values is None or self._view_model.busy:
            return
        self._say("")
        self._view_model.pair(
            str(values["server_url"]), str(values["pairing_code"]), str(values["name"])
        )

    def show_rejected(self, error: Rejected) -> None:
        """Say at its field what is wrong."""
        self.form.show_rejected(error)

    def show_unavailable(self, error: Unavailable) -> None:
        """Say what is out of reach; what was typed stays."""
        is_away = error.code == "server_unreachable"
        self._say(tr("pairing.unreachable") if is_away else error_text(error))

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))


def _how_far(view_model: PairingViewModel) -> str:
    """What has come of the shop, and how long the rest will take."""
    fill = view_model.fill
    if not fill.file_bytes:
        return tr("pairing.filling", rows=format_number(fill.rows))
    percent, left = format_percent(fill.percent * 100), view_model.seconds_left
    if left is None:
        return tr("pairing.fetching", percent=percent)
    return tr("pairing.fetching_left", percent=percent, count=left)
