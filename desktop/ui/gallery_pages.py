"""Pages of the gallery: every part of the kit, as a screen would use it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui import gallery_samples as samples
from desktop.ui import theme
from desktop.ui.actions import Action, ActionSet
from desktop.ui.badge import BadgeLabel
from desktop.ui.banner import Banner
from desktop.ui.button import Button, Look
from desktop.ui.card import Card, StatTile, Trend
from desktop.ui.empty_state import EmptyState
from desktop.ui.error_state import ErrorState
from desktop.ui.forms import Form
from desktop.ui.frame import Frame, FrameSpec
from desktop.ui.i18n import format_money, format_number, tr
from desktop.ui.images import Picture
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Label, MoneyLabel, Role, rule
from desktop.ui.navigation import ScreenSpec
from desktop.ui.numpad import NumPad, PadKind
from desktop.ui.search_field import SearchField
from desktop.ui.skeleton import Skeleton
from desktop.ui.split import Split
from desktop.ui.stepper import Stepper
from desktop.ui.switch import Switch
from desktop.ui.table_model import State, TableModel
from desktop.ui.table_view import TableView
from desktop.ui.theme import Tone
from desktop.ui.timeline import Timeline
from shared.kernel.errors import Unavailable

ACTIONS = (
    Action(
        id="new",
        text_key="gallery.new",
        intent="create",
        icon="plus",
        keys=("Ctrl+N",),
        look=Look.PRIMARY,
    ),
    Action(id="export", text_key="gallery.export", intent="export", icon="download"),
    Action(id="delete", text_key="gallery.delete", intent="delete", icon="trash-2", keys=("Del",)),
)


class Nothing(QObject):
    """Target of the sample actions."""

    def create(self) -> None:
        """Do nothing."""

    def export(self) -> None:
        """Do nothing."""

    def delete(self) -> None:
        """Do nothing."""


class ListPage(QWidget):
    """A screen with a list."""

    def __init__(self) -> None:
        super().__init__()
        self.target = Nothing(self)
        self.actions_set = ActionSet(ACTIONS, target=self.target, widget=self)
        self.model = TableModel(samples.sample_columns(), self)
        self.model.set_rows(samples.sample_rows(60))
        self.list = TableView(self.model, name=tr("gallery.products"), many=True)
        self.list.horizontalHeader().setSortIndicatorShown(False)
        self._search = SearchField(keys="F2")
        self._search.setMinimumWidth(theme.current().density.type.base * 22)
        self._buttons = [
            button
            for name in ("export", "new")
            if (button := self.actions_set.button(name)) is not None
        ]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)

    def header_parts(self) -> list[QWidget]:
        """Give search and buttons for the header."""
        return [self._search, *self._buttons]


def make_frame() -> Frame:
    """Make a window with some screens."""
    names = ("orders", "products", "stock", "customers", "reports", "settings")
    marks = ("inbox", "package", "layers", "users", "chart-column", "settings")
    screens = [
        ScreenSpec(
            id=name,
            title_key=f"gallery.{name}",
            icon=icon,
            factory=ListPage,
            keys=f"Alt+{at + 1}",
            section_key="gallery.section.sell" if at < 2 else "gallery.section.shop",  # noqa: PLR2004 - two groups
        )
        for at, (name, icon) in enumerate(zip(names, marks, strict=True))
    ]
    frame = Frame(FrameSpec(brand="PyCommerce", screens=screens))
    frame.open_screen("products")
    frame.rail.set_count("orders", "18")
    words = ("cashier", "offline", "unsynced", "printer", "terminal")
    frame.strip.set_chips(samples.sample_chips({word: tr(f"gallery.{word}") for word in words}))
    frame.banner.show_message(
        "offline", tr("gallery.banner"), Tone.WARN, action=tr("gallery.banner.action")
    )
    return frame


def parts_page() -> QWidget:
    """Show buttons, badges, tiles, banners, history, steps."""
    page, column = _page()
    column.addLayout(_tiles())
    column.addWidget(_stepper())
    column.addWidget(_buttons())
    row = QHBoxLayout()
    row.setSpacing(theme.S4)
    history = Card(tr("gallery.history"))
    words = ("shipped", "packed", "refused", "refused_text", "placed")
    history.body.addWidget(
        Timeline(samples.sample_moments({word: tr(f"gallery.{word}") for word in words}))
    )
    row.addWidget(history, 1)
    bars = QVBoxLayout()
    bars.setSpacing(theme.S2)
    for tone in Tone:
        banner = Banner()
        banner.show_message("x", tr("gallery.banner"), tone, action=tr("gallery.banner.action"))
        bars.addWidget(banner)
    bars.addStretch()
    row.addLayout(bars, 1)
    column.addLayout(row)
    column.addStretch()
    return page


def form_page() -> QWidget:
    """Show a form with an error in place."""
    page, column = _page()
    card = Card()
    card.setMaximumWidth(theme.current().density.type.base * 56)
    form = Form(samples.sample_fields())
    form.set_values(
        {
            "name": "Merino",
            "price": 12_990,
            "weight": 1250,
            "tax": "low",
            "from": samples.NOW.date(),
            "tags": ("winter", "wool", "unisex"),
            "online": True,
            "pin": "1234",
            "secret": "hunter22",
        }
    )
    form.field("weight").show_error(tr("error.number_too_precise", digits=3))
    card.body.addWidget(form)
    column.addWidget(card)
    column.addStretch()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(page)
    return area


def states_page() -> QWidget:
    """Show a list that is loading, one that is empty, one that failed."""
    page, column = _page()
    row = QHBoxLayout()
    row.setSpacing(theme.S4)
    loading = TableModel(samples.sample_columns()[1:3], page)
    loading.state = State.LOADING
    card = Card(flush=True)
    card.body.addWidget(TableView(loading, name="loading"))
    row.addWidget(card, 1)
    parts: list[QWidget] = [
        EmptyState(
            "package",
            tr("gallery.empty.title"),
            tr("gallery.empty.text"),
            action=tr("gallery.new"),
        ),
        ErrorState(Unavailable("database_not_started", detail="port 5432", log="database.log")),
    ]
    for part in parts:
        card = Card(flush=True)
        card.body.addWidget(part)
        row.addWidget(card, 1)
    column.addLayout(row, 1)
    card = Card()
    card.body.addWidget(Skeleton(3))
    column.addWidget(card)
    return page


def till_page() -> QWidget:
    """Show a list beside totals and a number pad."""
    pad = NumPad(PadKind.AMOUNT, currency="EUR", enter_text=tr("gallery.pay"))
    pad.set_value(123_456)
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(theme.S4, theme.S4, theme.S4, theme.S4)
    column.setSpacing(theme.S3)
    total = QHBoxLayout()
    total.addWidget(Label(tr("gallery.price"), Role.HEADING))
    total.addWidget(
        MoneyLabel(format_money(123_456, "EUR"), theme.current().density.type.display), 1
    )
    column.addLayout(total)
    column.addWidget(rule())
    column.addWidget(pad, 1)
    pin = NumPad(PadKind.PIN, longest=6)
    pin.set_value(0)
    model = TableModel(samples.sample_columns()[1:5:3] + samples.sample_columns()[5:], side)
    model.set_rows(samples.sample_rows(9))
    lines = TableView(model, name=tr("gallery.products"))
    lines.select_first()
    page = Split(lines, side, shares=(3, 2))
    page.setProperty("role", "surface")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return page


PAGES: dict[str, Callable[[], QWidget]] = {
    "parts": parts_page,
    "form": form_page,
    "states": states_page,
    "till": till_page,
}


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    page.setProperty("role", "canvas")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    edge = theme.S6
    column.setContentsMargins(edge, edge, edge, edge)
    column.setSpacing(theme.S4)
    return page, column


def _tiles() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.S4)
    sales = StatTile(tr("gallery.sales"), format_money(1_284_350, "EUR"), icon="banknote")
    sales.set_trend(Trend.UP, tr("gallery.trend"), Tone.OK)
    sales.set_points([4, 6, 5, 8, 7, 9, 12, 11, 14])
    orders = StatTile(tr("gallery.open_orders"), format_number(1_018), icon="inbox")
    orders.set_trend(Trend.DOWN, tr("gallery.trend.down"), Tone.NEUTRAL)
    margin = StatTile(tr("gallery.margin"), format_money(402_210, "EUR"), icon="coins")
    returns = StatTile(tr("gallery.returns"), format_number(7), icon="undo-2")
    returns.set_trend(Trend.UP, tr("gallery.trend"), Tone.DANGER)
    for tile in (sales, orders, margin, returns):
        row.addWidget(tile, 1)
    return row


def _stepper() -> Card:
    card = Card()
    steps = Stepper([tr(f"gallery.step.{name}") for name in ("file", "columns", "check", "done")])
    steps.set_step(2)
    card.body.addWidget(steps)
    return card


def _buttons() -> Card:
    card = Card()
    row = QHBoxLayout()
    row.setSpacing(theme.S2)
    row.addWidget(Button(tr("ui.save"), "check", look=Look.PRIMARY))
    row.addWidget(Button(tr("gallery.export"), "download"))
    row.addWidget(Button(tr("ui.cancel"), look=Look.GHOST))
    row.addWidget(Button(tr("gallery.delete"), "trash-2", look=Look.DANGER))
    row.addWidget(Button(tr("gallery.banner.action"), look=Look.LINK))
    off = Button(tr("ui.save"), "save", look=Look.PRIMARY)
    off.setEnabled(False)
    row.addWidget(off)
    row.addWidget(Button("", "ellipsis", look=Look.GHOST, name="…"))
    row.addStretch()
    card.body.addLayout(row)
    row = QHBoxLayout()
    row.setSpacing(theme.S2)
    row.addWidget(BadgeLabel(tr("gallery.active"), Tone.OK, "circle-check"))
    row.addWidget(BadgeLabel(tr("gallery.draft"), Tone.NEUTRAL, "pencil"))
    row.addWidget(BadgeLabel(tr("gallery.low"), Tone.WARN, "triangle-alert"))
    row.addWidget(BadgeLabel(tr("gallery.out"), Tone.DANGER, "circle-alert"))
    row.addWidget(BadgeLabel(tr("gallery.orders"), Tone.ACCENT, "inbox"))
    row.addWidget(KeyHint("Ctrl+K"))
    row.addWidget(KeyHint("F12"))
    switch = Switch(tr("gallery.online"))
    switch.setChecked(True)
    row.addWidget(switch)
    row.addWidget(Switch(tr("gallery.online")))
    row.addWidget(Picture("Amira Haddad", 32, is_round=True))
    row.addWidget(Picture("Green tea", 32))
    row.addStretch()
    card.body.addLayout(row)
    return card
