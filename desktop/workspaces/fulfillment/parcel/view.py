"""One parcel on screen: the verdict on the last scan, the line at hand, and all lines."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.i18n import tr
from desktop.ui.label import ElidedLabel, Label, Role
from desktop.ui.scanner import Scanner
from desktop.ui.search_field import SearchField
from desktop.ui.sheet import present, top_sheet
from desktop.ui.sounds import Sounds
from desktop.ui.sounds import Tone as Sound
from desktop.ui.stepper import Stepper
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.ui.tasks import spawn
from desktop.workspaces.fulfillment import feedback
from desktop.workspaces.fulfillment.current_line.view import CurrentLine
from desktop.workspaces.fulfillment.over_panel.view import OverPanel
from desktop.workspaces.fulfillment.parcel.rows import COLUMNS, LineRow
from desktop.workspaces.fulfillment.parcel.view_model import ParcelViewModel
from desktop.workspaces.fulfillment.shipping.view import ShipPanel
from desktop.workspaces.fulfillment.short_sheet.view import Missing, ShortSheet
from desktop.workspaces.fulfillment.verdict_band.view import VerdictBand
from desktop.workspaces.fulfillment.verify import is_command, split_quantity
from shared.kernel.errors import Rejected

ACTIONS = (
    Action(
        id="parcel.back",
        text_key="fulfillment.back",
        intent="go_back",
        icon="arrow-left",
        keys=("Esc",),
        look=Look.GHOST,
    ),
    Action(
        id="parcel.short",
        text_key="fulfillment.short",
        intent="ask_short",
        icon="package-x",
        keys=("F8",),
        enabled_when="can_short",
    ),
    Action(
        id="parcel.print",
        text_key="fulfillment.print",
        intent="print_slip",
        icon="printer",
        keys=("F4",),
        enabled_when="can_print",
    ),
    Action(
        id="parcel.next",
        text_key="fulfillment.next",
        intent="go_next",
        icon="play",
        keys=("F2",),
        enabled_when="can_go_on",
        look=Look.PRIMARY,
    ),
)
_STEPS = ("fulfillment.step.pick", "fulfillment.step.pack", "fulfillment.step.ship")
_SCANNING, _SHIPPING, _OVER = range(3)


class ParcelView(QWidget):
    """Pick, pack and ship without leaving the screen; always ready for the next scan."""

    changed = Signal()

    def __init__(self, view_model: ParcelViewModel, sounds: Sounds, scanner: Scanner) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._sounds = sounds
        self._scanner = scanner
        self.view_model = view_model
        view_model.setParent(self)
        self.actions_set = ActionSet(ACTIONS, target=self, widget=self)
        self.stepper = Stepper([tr(key) for key in _STEPS])
        self.field = SearchField(tr("fulfillment.scan"))
        self.verdict = VerdictBand()
        self.current = CurrentLine()
        self.ship_panel = ShipPanel()
        self.over_panel = OverPanel(self.actions_set.button("parcel.next"))
        self._model = TableModel(COLUMNS, self)
        self.table = TableView(self._model, name=tr("fulfillment.lines"))
        self._title = Label("", Role.TITLE)
        self._customer = ElidedLabel("", Role.MUTED)
        self._progress = Label("", Role.MUTED)
        self._work = QStackedWidget()
        self._lay()
        self._connect()

    def _connect(self) -> None:
        view_model = self.view_model
        connect(self.field.entered, self._enter)
        connect(self.field.stepped, self._step_line)
        connect(self.table.activated_row, self._choose)
        connect(self.table.clicked, self._choose_clicked)
        connect(self.ship_panel.submitted, view_model.ship)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)
        connect(view_model.accepted, self._accepted)
        connect(view_model.refused, self._refused)
        connect(view_model.short_wanted, self.open_short)
        connect(view_model.confirm_wanted, self.ship_panel.submit)
        connect(view_model.stage_changed, self.focus_now)

    def title(self) -> str:
        """The order's number."""
        found = self.view_model.delivery
        return tr("fulfillment.parcel") if found is None else found.order.order_number

    def opened(self) -> None:
        """Be ready for a scan."""
        self.focus_now()

    def take_code(self, code: str) -> None:
        """A scan anywhere on this screen; a quantity typed before it counts."""
        times, rest = split_quantity(self.field.text())
        self.field.clear()
        self.view_model.choose_carrier(self.ship_panel.carrier())
        is_counted = times is not None and not rest and not is_command(code)
        self.view_model.scan(f"{times}*{code}" if is_counted else code)

    # -- intents

    @property
    def can_short(self) -> bool:
        """Whether something may be reported missing."""
        return self.view_model.standing.can_short

    @property
    def can_print(self) -> bool:
        """Whether there is a packing slip to print."""
        return self.view_model.standing.can_print

    @property
    def can_go_on(self) -> bool:
        """Whether this parcel is done with."""
        return self.view_model.standing.can_go_on

    def go_back(self) -> None:
        """One step back: what is half typed goes first, then the parcel."""
        if self.field.isVisible() and self.field.text():
            self.field.clear()
            self.field.setFocus()
        else:
            self.view_model.go_back()

    def go_next(self) -> None:
        """Open the next parcel."""
        self.view_model.go_next()

    def ask_short(self) -> None:
        """Units of the line at hand are missing."""
        self.view_model.ask_short()

    def print_slip(self) -> None:
        """Save the packing slip (again), to be printed."""
        self.view_model.print_slip()

    def open_short(self) -> None:
        """Ask why and how many units of the current line are missing."""
        if self.view_model.standing.can_short and top_sheet(self) is None:
            spawn(self, self._ask_short())

    async def _ask_short(self) -> None:
        line = self.view_model.standing.line
        if line is None:
            return
        sheet = ShortSheet(self, line)
        self._scanner.route(sheet, sheet.take_code)
        answer = await present(sheet)
        if isinstance(answer, Missing):
            self.view_model.report_short(line.order_line_id, answer.reason, answer.qty)
        self.focus_now()

    # -- showing

    def _show(self) -> None:
        view_model = self.view_model
        found = view_model.delivery
        if found is None:
            return
        self._title.setText(found.order.order_number)
        self._customer.set_whole(found.order.customer_name)
        self.stepper.set_step(view_model.standing.steps_done)
        message = view_model.message
        self.verdict.show_message(
            feedback.ready(view_model.standing.state) if message == feedback.NOTHING else message
        )
        done, whole = view_model.standing.progress
        self._progress.setVisible(not view_model.standing.is_canceled)
        self._progress.setText(tr("fulfillment.progress", done=done, whole=whole))
        self._model.set_rows(view_model.standing.rows)
        line = view_model.standing.line
        self.current.show_line(line, view_model.standing.step)
        if line is not None:
            self.table.select_key(line.order_line_id)
        else:
            self.table.clearSelection()
        if view_model.standing.is_to_ship:
            self.ship_panel.show_parcel(
                found, carrier=view_model.carrier, tracking_number=view_model.tracking_number
            )
            self.ship_panel.slip.show_slip(view_model.slip_path)
        if view_model.standing.can_go_on:
            self.over_panel.show_parcel(found)
            self.over_panel.slip.show_slip(view_model.slip_path)
        self._work.setCurrentIndex(self._stage())
        self.changed.emit()

    def _stage(self) -> int:
        if self.view_model.standing.can_go_on:
            return _OVER
        return _SHIPPING if self.view_model.standing.is_to_ship else _SCANNING

    def show_rejected(self, error: Rejected) -> None:
        """What is wrong with a field is said at the field too."""
        self.ship_panel.show_rejected(error)

    def focus_now(self) -> None:
        """Put the focus where the next key belongs."""
        if top_sheet(self) is not None or not self.isVisible():
            return
        if self._stage() == _OVER:
            self.over_panel.focus_first()
        elif self._stage() == _SHIPPING:
            self.ship_panel.focus_first()
        else:
            self.field.setFocus()

    # -- inside

    def _accepted(self) -> None:
        self._sounds.play(Sound.ACCEPT)

    def _refused(self) -> None:
        self._sounds.play(Sound.REFUSE)

    def _enter(self, text: str) -> None:
        _times, code = split_quantity(text)
        if code:
            self.field.clear()
            self.view_model.scan(text)

    def _step_line(self, key: int) -> None:
        self.view_model.step_line(-1 if key in {Qt.Key.Key_Up, Qt.Key.Key_PageUp} else 1)

    def _choose(self, row: object) -> None:
        if isinstance(row, LineRow):
            self.view_model.choose(row.id)
            self.focus_now()

    def _choose_clicked(self) -> None:
        self._choose(self.table.current())

    def _lay(self) -> None:
        gutter = theme.current().density.gutter
        column = QVBoxLayout(self)
        column.setContentsMargins(gutter, theme.S3, gutter, theme.S4)
        column.setSpacing(theme.S4)
        column.addLayout(self._head())
        column.addWidget(self.verdict)
        scanning = QWidget()
        inner = QVBoxLayout(scanning)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.S4)
        inner.addWidget(self.current, 1)
        inner.addWidget(self.field)
        for panel in (scanning, self.ship_panel, self.over_panel):
            self._work.addWidget(panel)
        lines = Card(flush=True)
        lines.body.addWidget(self.table)
        body = QHBoxLayout()
        body.setSpacing(theme.S4)
        body.addWidget(self._work, 1)
        body.addWidget(lines, 1)
        column.addLayout(body, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        back = self.actions_set.button("parcel.back", words=False)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._customer)
        if back is not None:
            head.addWidget(back)
        head.addLayout(names, 2)
        head.addWidget(self.stepper, 3)
        head.addWidget(self._progress)
        for action_id in ("parcel.short", "parcel.print"):
            button = self.actions_set.button(action_id)
            if button is not None:
                head.addWidget(button)
        return head
