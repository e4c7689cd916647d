"""One parcel on screen: the line to be worked on huge, the last scan's verdict above it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.dialogs import show_form
from desktop.ui.empty_state import RoundIcon
from desktop.ui.fields import Choice, FieldKind, FieldSpec, FieldValue, Section
from desktop.ui.i18n import format_qty, tr
from desktop.ui.label import ElidedLabel, Icon, Label, Role
from desktop.ui.search_field import SearchField
from desktop.ui.sounds import Sounds
from desktop.ui.sounds import Tone as Sound
from desktop.ui.stepper import Stepper
from desktop.ui.table_model import TableModel
from desktop.ui.table_view import TableView
from desktop.ui.tasks import spawn
from desktop.ui.tokens import Tone
from desktop.workspaces.fulfillment.parcel.rows import COLUMNS, LineRow
from desktop.workspaces.fulfillment.parcel.view_model import ParcelViewModel
from desktop.workspaces.fulfillment.shipping.view import ShipPanel
from desktop.workspaces.fulfillment.verify import Step, left_of
from shared.fulfillment.commands import FulfillmentState, ShortReason
from shared.fulfillment.queries import PickRow
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
)
_STEPS = ("fulfillment.step.pick", "fulfillment.step.pack", "fulfillment.step.ship")


class ParcelView(QWidget):
    """Pick, pack and ship without leaving the screen; always ready for the next scan."""

    def __init__(self, view_model: ParcelViewModel, sounds: Sounds) -> None:
        super().__init__()
        self.setProperty("role", "content")
        self._sounds = sounds
        self.view_model = view_model
        view_model.setParent(self)
        self.actions_set = ActionSet(ACTIONS, target=view_model, widget=self)
        self.stepper = Stepper([tr(key) for key in _STEPS])
        self.field = SearchField(tr("fulfillment.scan"))
        self.message = MessageBar()
        self.current = CurrentLine()
        self.ship_panel = ShipPanel()
        self._model = TableModel(COLUMNS, self)
        self.table = TableView(self._model, name=tr("fulfillment.lines"))
        self._title = Label("", Role.TITLE)
        self._customer = ElidedLabel("", Role.MUTED)
        self._work = QStackedWidget()
        self._lay()
        connect(self.field.entered, self._enter)
        connect(self.table.activated_row, self._choose)
        connect(self.ship_panel.submitted, view_model.ship)
        connect(self.ship_panel.carrier_chosen, view_model.choose_carrier)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)
        connect(view_model.accepted, self._accepted)
        connect(view_model.refused, self._refused)
        connect(view_model.short_wanted, self.ask_short)

    def title(self) -> str:
        """The order's number."""
        found = self.view_model.delivery
        return "" if found is None else found.order.order_number

    def opened(self) -> None:
        """Be ready for a scan."""
        self._focus()

    def take_code(self, code: str) -> None:
        """A scan anywhere on this screen."""
        self.field.clear()
        self.view_model.scan(code)

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        gutter = theme.current().density.gutter
        column.setContentsMargins(gutter, theme.S3, gutter, theme.S4)
        column.setSpacing(theme.S3)
        column.addLayout(self._head())
        column.addWidget(self.message)
        picking = QWidget()
        inner = QVBoxLayout(picking)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.S3)
        inner.addWidget(self.current)
        inner.addWidget(self.field)
        self._work.addWidget(picking)
        self._work.addWidget(self.ship_panel)
        body = QHBoxLayout()
        body.setSpacing(theme.S4)
        left = QVBoxLayout()
        left.addWidget(self._work)
        left.addStretch(1)
        body.addLayout(left, 5)
        body.addWidget(self.table, 6)
        column.addLayout(body, 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(theme.S3)
        back = self.actions_set.button("parcel.back")
        if back is not None:
            head.addWidget(back)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._customer)
        head.addLayout(names, 1)
        head.addWidget(self.stepper, 2)
        for action_id in ("parcel.short", "parcel.print"):
            button = self.actions_set.button(action_id)
            if button is not None:
                head.addWidget(button)
        return head

    # -- showing

    def _show(self) -> None:
        view_model = self.view_model
        found = view_model.delivery
        if found is None:
            return
        self._title.setText(found.order.order_number)
        self._customer.set_whole(found.order.customer_name)
        self.stepper.set_step(_step_number(view_model.state))
        self.message.show_message(
            view_model.message.text, view_model.message.tone, view_model.message.icon
        )
        self._model.set_rows(view_model.rows)
        self._work.setCurrentIndex(1 if _step_number(view_model.state) == 2 else 0)  # noqa: PLR2004
        self.ship_panel.show_parcel(
            carrier=view_model.carrier,
            slip=view_model.slip_path,
            is_shipped=view_model.state is FulfillmentState.SHIPPED,
            tracking_number=found.fulfillment.tracking_number,
        )
        line = view_model.current_line
        self.current.show_line(line, view_model.step)
        if line is not None:
            self.table.select_key(line.order_line_id)
        if view_model.is_to_ship:
            self.ship_panel.focus_first()

    def show_rejected(self, error: Rejected) -> None:
        """A refused step is said where the scans are judged."""
        if error.field in {"carrier", "tracking_number"}:
            self.ship_panel.show_rejected(error)
        else:
            report = getattr(self.window(), "show_rejected", None)
            if callable(report):
                report(error)
        self._sounds.play(Sound.REFUSE)

    def _accepted(self) -> None:
        self._sounds.play(Sound.ACCEPT)
        self._focus()

    def _refused(self) -> None:
        self._sounds.play(Sound.REFUSE)
        self._focus()

    def _focus(self) -> None:
        if self.view_model.is_to_ship:
            self.ship_panel.focus_first()
        else:
            self.field.setFocus()

    # -- intents

    def _enter(self, text: str) -> None:
        if text:
            self.field.clear()
            self.view_model.scan(text)

    def _choose(self, row: object) -> None:
        if isinstance(row, LineRow):
            self.view_model.choose(row.id)
            self._focus()

    def ask_short(self) -> None:
        """Ask why and how many units of the current line are missing."""
        if self.view_model.can_short:
            spawn(self, self._ask_short())

    async def _ask_short(self) -> None:
        line = self.view_model.current_line
        if line is None:
            return
        left = left_of(line, Step.PICK)
        reasons = [Choice(r.value, tr(f"fulfillment.reason.{r.value}")) for r in ShortReason]
        section = Section(
            "",
            (
                FieldSpec(
                    key="reason",
                    label_key="fulfillment.reason",
                    kind=FieldKind.CHOICE,
                    choices=reasons,
                    is_required=True,
                ),
                FieldSpec(
                    key="qty",
                    label_key="fulfillment.missing",
                    kind=FieldKind.QUANTITY,
                    is_required=True,
                ),
            ),
        )
        values = await show_form(
            self,
            tr("fulfillment.short.title", title=line.title),
            [section],
            values={"reason": ShortReason.OUT_OF_STOCK.value, "qty": left},
        )
        if values is not None:
            self._report_short(values)
        self._focus()

    def _report_short(self, values: dict[str, FieldValue]) -> None:
        qty = values["qty"]
        if isinstance(qty, int):
            self.view_model.report_short(ShortReason(str(values["reason"])), qty)


def _step_number(state: FulfillmentState) -> int:
    if state in {FulfillmentState.OPEN, FulfillmentState.PICKING}:
        return 0
    return 1 if state is FulfillmentState.PICKED else 2


class MessageBar(QFrame):
    """The verdict on the last scan: icon, words and ground, never colour alone."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S3, theme.S4, theme.S3)
        row.setSpacing(theme.S3)
        self._icon = Icon("scan-line", "neutral", 24)
        self._text = Label("", Role.STRONG, wraps=True)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        self.setMinimumHeight(theme.current().density.control + theme.S4)
        self.show_message("", Tone.NEUTRAL, "")

    def show_message(self, text: str, tone: Tone, icon: str) -> None:
        """Show what happened, or that the station is ready."""
        self._text.setText(text or tr("fulfillment.ready"))
        self._icon.set_icon(icon or "scan-line", tone.value)
        self.setProperty("role", f"banner-{tone.value}")
        self.setAccessibleName(text)
        self.style().unpolish(self)
        self.style().polish(self)

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text.text()


class CurrentLine(QFrame):
    """The line to be worked on, readable from a step away."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S5, theme.S5, theme.S5, theme.S5)
        row.setSpacing(theme.S5)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        self._todo = Label("", Role.OVERLINE)
        self._title = Label("", Role.TITLE, wraps=True)
        self._sku = Label("", Role.MUTED)
        words.addWidget(self._todo)
        words.addWidget(self._title)
        words.addWidget(self._sku)
        row.addLayout(words, 1)
        self._count = Label("", Role.DISPLAY)
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count.setFont(theme.figures_font(theme.current().density.type.display * 2))
        self._done = RoundIcon("circle-check", Tone.OK)
        row.addWidget(self._count)
        row.addWidget(self._done)
        self.setMinimumHeight(theme.current().density.control * 4)

    def show_line(self, line: PickRow | None, step: Step) -> None:
        """Show a line, or that all are done."""
        self._done.setVisible(line is None)
        self._count.setVisible(line is not None)
        self._sku.setVisible(line is not None)
        if line is None:
            self._todo.setText("")
            self._title.setText(tr("fulfillment.nothing_left"))
            return
        self._todo.setText(tr(f"fulfillment.todo.{step.value}"))
        self._title.setText(line.title)
        self._sku.setText(" · ".join(part for part in (line.sku, *line.codes[:1]) if part))
        left = format_qty(left_of(line, step))
        self._count.setText(left)
        self.setAccessibleName(f"{self._todo.text()} {left} {line.title}")
