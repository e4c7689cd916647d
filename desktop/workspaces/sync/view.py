"""How this device stands to its server, on screen: a panel, and a page for till and station."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import i18n, theme
from desktop.ui.actions import Action, ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card, StatTile
from desktop.ui.facts import Facts
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Icon, Label, Role
from desktop.ui.scrolled import Scrolled
from desktop.ui.theme import Tone
from desktop.workspaces.sync.rows import Notice
from desktop.workspaces.sync.view_model import SyncStanding

_COLUMNS = 3
_MOST_NOTICES = 3
_ICONS = {
    Tone.OK: "circle-check",
    Tone.ACCENT: "info",
    Tone.NEUTRAL: "info",
    Tone.WARN: "triangle-alert",
    Tone.DANGER: "octagon-alert",
}
PAGE_ACTIONS = (
    Action(
        id="sync.back",
        text_key="sync.back",
        intent="go_back",
        icon="arrow-left",
        keys=("Esc",),
    ),
    Action(
        id="sync.now",
        text_key="sync.now",
        intent="sync_now",
        icon="refresh-cw",
        keys=("F5",),
        enabled_when="can_sync",
        look=Look.PRIMARY,
    ),
    Action(
        id="sync.read_on",
        text_key="case.do.read_on",
        intent="read_on",
        icon="arrow-down",
        keys=("PgDown",),
    ),
    Action(
        id="sync.read_back",
        text_key="case.do.read_back",
        intent="read_back",
        icon="arrow-up",
        keys=("PgUp",),
    ),
)


class NoticeCard(QFrame):
    """One notice: its ground and icon say how grave it is, its words what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Icon("info")
        self._head = Label("", Role.STRONG, wraps=True)
        self._text = Label("", Role.BODY, wraps=True)
        words = QVBoxLayout()
        words.setSpacing(theme.S1)
        words.addWidget(self._head)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.S4, theme.S3, theme.S4, theme.S3)
        row.setSpacing(theme.S3)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_notice(self, notice: Notice) -> None:
        """Say something else."""
        self._icon.set_icon(_ICONS[notice.tone], notice.tone.value)
        self._head.setText(notice.head)
        self._text.setText(notice.text)
        self.setAccessibleName(f"{notice.head}. {notice.text}")
        self.setProperty("role", f"banner-{notice.tone.value}")
        # The words take their colour from the ground: they must look again, too.
        for part in (self, self._head, self._text):
            part.style().unpolish(part)
            part.style().polish(part)


class SyncPanel(QWidget):
    """Notices above figures; `details` is a card for whoever helps by telephone."""

    def __init__(self, standing: SyncStanding) -> None:
        super().__init__()
        self._standing = standing
        self._notices = [NoticeCard() for _ in range(_MOST_NOTICES)]
        self._tiles = [StatTile(reading.name, icon=reading.icon) for reading in standing.readings()]
        self._facts = Facts()
        self.details = Card(i18n.tr("sync.details"))
        self.details.body.addWidget(self._facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S4)
        for card in self._notices:
            column.addWidget(card)
        column.addLayout(self._grid())
        connect(standing.changed, self.show_now)
        self.show_now()

    def show_now(self) -> None:
        """Show how it stands now."""
        notices = self._standing.notices()
        for place, card in enumerate(self._notices):
            card.setVisible(place < len(notices))
            if place < len(notices):
                card.show_notice(notices[place])
        for tile, reading in zip(self._tiles, self._standing.readings(), strict=True):
            tile.set_icon(reading.icon)
            tile.set_value(reading.value)
            tile.set_note(reading.note, reading.tone)
        self._facts.set_facts(self._standing.facts())

    def _grid(self) -> QLayout:
        tiles = QGridLayout()
        tiles.setSpacing(theme.S4)
        for place, tile in enumerate(self._tiles):
            tiles.addWidget(tile, place // _COLUMNS, place % _COLUMNS)
        for column in range(_COLUMNS):
            tiles.setColumnStretch(column, 1)
        return tiles


class SyncView(QWidget):
    """The page at a till or station. Signals: `left_asked` to go back to work, `changed`."""

    left_asked = Signal()
    changed = Signal()

    def __init__(self, standing: SyncStanding) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._standing = standing
        self.actions_set: ActionSet = ActionSet(PAGE_ACTIONS, target=self, widget=self)
        self.panel = SyncPanel(standing)
        self._lay()
        connect(standing.changed, self._show)

    def title(self) -> str:
        """The screen's name."""
        return i18n.tr("sync.page")

    def opened(self) -> None:
        """Show how it stands now; Enter begins an exchange."""
        self.panel.show_now()
        self._show()
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def live_actions(self) -> list[LiveAction]:
        """Give everything that keys do here."""
        return self.actions_set.live()

    @property
    def can_sync(self) -> bool:
        """Whether an exchange can be begun now."""
        return self._standing.can_sync

    def sync_now(self) -> None:
        """Begin an exchange at once."""
        self._standing.sync_now()

    def read_on(self) -> None:
        """Go on, where there is no room for all."""
        self._scrolled.step(1)

    def read_back(self) -> None:
        """Go back."""
        self._scrolled.step(-1)

    def go_back(self) -> None:
        """Go back to work."""
        self.left_asked.emit()

    def _lay(self) -> None:
        back, now = (self.actions_set.button(name) for name in ("sync.back", "sync.now"))
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        head.addWidget(Label(self.title(), Role.TITLE), 1)
        for button, keys in ((now, "F5"), (back, "Esc")):
            if button is not None:
                head.addWidget(button)
                head.addWidget(KeyHint(keys), 0, Qt.AlignmentFlag.AlignVCenter)
        self._back: QWidget = back or self
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S4)
        column.addWidget(self.panel)
        column.addWidget(self.panel.details)
        column.addStretch(1)
        self._scrolled = Scrolled(inner)
        outer = QVBoxLayout(self)
        gutter = theme.current().density.gutter
        outer.setContentsMargins(gutter, theme.S4, gutter, theme.S4)
        outer.setSpacing(theme.S4)
        outer.addLayout(head)
        outer.addWidget(self._scrolled, 1)

    def _show(self) -> None:
        self.actions_set.refresh()
