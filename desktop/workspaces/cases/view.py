"""The cases at a till or station: a list beside what is known of one, and what can be done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import i18n, theme
from desktop.ui.actions import Action, ActionSet, LiveAction
from desktop.ui.banner import Banner
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.card import Card
from desktop.ui.dialogs import show_form
from desktop.ui.empty_state import EmptyState
from desktop.ui.facts import Facts
from desktop.ui.fields import FieldSpec
from desktop.ui.key_hint import KeyHint
from desktop.ui.label import Label, Role
from desktop.ui.scrolled import Scrolled
from desktop.ui.sheet import top_sheet
from desktop.ui.table_view import TableView
from desktop.ui.theme import Tone
from desktop.ui.view_model import Phase
from desktop.workspaces.cases.rows import FloorCase
from desktop.workspaces.cases.view_model import CasesViewModel
from desktop.workspaces.cases.words import RESOLUTION_BADGES, case_text
from shared.inbox.commands import Resolution
from shared.inbox.tables import CaseRow
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.ids import UserId

Approve = Callable[[QWidget, CaseRow, str], Awaitable[UserId | None]]
"""Asks somebody who may for a PIN: for this case, and this way to settle it. None: nobody did."""


def _action(name: str, icon: str, keys: str, *, when: str = "", look: Look = Look.PLAIN) -> Action:
    return Action(
        id=f"cases.{name}",
        text_key=f"case.do.{name}",
        intent=name,
        icon=icon,
        keys=(keys,),
        enabled_when=when,
        group_key="case.page",
        look=look,
    )


ACTIONS = (
    _action("back", "arrow-left", "Esc"),
    _action("retry", "refresh-cw", "F3", when="can_retry", look=Look.PRIMARY),
    _action("accept", "check", "F4", when="can_settle"),
    _action("put_right", "circle-check", "F5", when="can_put_right"),
    _action("take", "user-check", "F8", when="can_take"),
    _action("read_on", "arrow-down", "Ctrl+Down"),
    _action("read_back", "arrow-up", "Ctrl+Up"),
)
OFFERS = ("cases.retry", "cases.accept", "cases.put_right", "cases.take")


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether it may be done, and who answers for it where that is not the signed-in person."""

    is_yes: bool
    by: UserId | None = None


class CasesView(QWidget):
    """Signals: `left_asked` to go back to work, `told(text)` what was done, `changed`."""

    left_asked = Signal()
    told = Signal(str)
    changed = Signal()

    def __init__(self, view_model: CasesViewModel, *, approve: Approve | None = None) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._vm = view_model
        self._approve = approve
        self.actions_set: ActionSet = ActionSet(ACTIONS, target=self, widget=self)
        self.banner = Banner()
        self._count = Label("", Role.MUTED)
        self.table = TableView(view_model.table, name=self.title())
        self.table.set_empty("circle-check", i18n.tr("case.none"), i18n.tr("case.none.here"))
        self.panel = CasePanel(self.actions_set)
        self._lay()
        connect(self.table.current_row, self._choose)
        connect(view_model.table.dataChanged, self._mark_one)
        connect(view_model.changed, self._show)
        connect(view_model.rejected, self.show_rejected)

    def title(self) -> str:
        """The screen's name."""
        return i18n.tr("case.page")

    def opened(self) -> None:
        """Look anew from the oldest on, and be ready for keys."""
        self.table.select_first()
        self.banner.clear()
        self._vm.look()
        self._show_now()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        """Nobody looks at it any more."""
        self._vm.look_away()

    def live_actions(self) -> list[LiveAction]:
        """Give everything that keys do here."""
        return self.actions_set.live()

    def step(self, by: int) -> None:
        """Mark the next case (1) or the one before (-1)."""
        wanted = self._vm.table.key_at(self.table.currentIndex().row() + by)
        if wanted is not None:
            self.table.select_key(wanted)

    def show_rejected(self, error: Rejected) -> None:
        """Say what was refused."""
        self.banner.show_message("rejected", i18n.error_text(error), Tone.DANGER)

    # -- what can be done now

    @property
    def can_settle(self) -> bool:
        """Whether the chosen case can be settled here, be it with an approval."""
        return self._vm.can_settle

    @property
    def can_put_right(self) -> bool:
        """Whether it can be said that the chosen case was put right."""
        return self._vm.can_settle

    @property
    def can_retry(self) -> bool:
        """Whether the refused command can be sent again."""
        return self._vm.can_retry

    @property
    def can_take(self) -> bool:
        """Whether the chosen case can be made one's own."""
        return self._vm.can_take

    # -- intents

    def back(self) -> None:
        """Go back to work."""
        self.left_asked.emit()

    async def accept(self) -> None:
        """Let it stand as it is."""
        case = self._vm.chosen
        if case is None:
            return
        answer = await self._allowed(case, Resolution.ACCEPTED)
        if answer.is_yes:
            await self._vm.settle(case, Resolution.ACCEPTED, by=answer.by)
            self._tell("case.accepted.note")

    async def put_right(self) -> None:
        """Say what was done about it."""
        case = self._vm.chosen
        if case is None or top_sheet(self) is not None:
            return
        title = i18n.tr("case.do.put_right")
        field = FieldSpec(key="note", label_key="case.put_right.note", longest=500)
        values = await show_form(self, title, [field], action=title)
        if values is None:
            return
        answer = await self._allowed(case, Resolution.REVERSED)
        if answer.is_yes:
            note = str(values["note"] or "")
            await self._vm.settle(case, Resolution.REVERSED, note, by=answer.by)
            self._tell("case.reversed.note")

    async def retry(self) -> None:
        """Send the refused command again."""
        case = self._vm.chosen
        if case is None:
            return
        answer = await self._allowed(case, Resolution.RESENT)
        if answer.is_yes:
            await self._vm.retry(case, by=answer.by)
            self._tell("case.resent.note")

    async def take(self) -> None:
        """Make the chosen case one's own."""
        await self._vm.take()

    def read_on(self) -> None:
        """Go on in what is said of the case, where there is no room for all."""
        self.panel.words.step(1)

    def read_back(self) -> None:
        """Go back in it."""
        self.panel.words.step(-1)

    async def _allowed(self, case: CaseRow, resolution: Resolution) -> _Answer:
        """Let the signed-in person go on, or whoever else may and says so with a PIN."""
        self.banner.clear()
        if self._vm.may_settle:
            return _Answer(is_yes=True)
        if self._approve is None or top_sheet(self) is not None:
            return _Answer(is_yes=False)
        words = i18n.tr(RESOLUTION_BADGES[resolution].text_key)
        by = await self._approve(self, case, words)
        return _Answer(by is not None, by)

    # -- layout

    def _lay(self) -> None:
        back = self.actions_set.button("cases.back")
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Label(self.title(), Role.TITLE))
        names.addWidget(self._count)
        head = QHBoxLayout()
        head.setSpacing(theme.S4)
        head.addLayout(names, 1)
        if back is not None:
            head.addWidget(back)
            head.addWidget(KeyHint("Esc"), 0, Qt.AlignmentFlag.AlignVCenter)
        lists = Card(flush=True)
        lists.body.addWidget(self.table)
        body = QHBoxLayout()
        body.setSpacing(theme.S4)
        body.addWidget(lists, 3)
        body.addWidget(self.panel, 2)
        column = QVBoxLayout(self)
        gutter = theme.current().density.gutter
        column.setContentsMargins(gutter, theme.S3, gutter, theme.S4)
        column.setSpacing(theme.S3)
        column.addLayout(head)
        column.addWidget(self.banner)
        column.addLayout(body, 1)

    # -- what is shown

    def _show(self) -> None:
        if self.isVisible():
            self._show_now()

    def _show_now(self) -> None:
        self.actions_set.refresh()
        if self._vm.phase is Phase.UNAVAILABLE and isinstance(self._vm.error, Unavailable):
            text = i18n.error_text(self._vm.error)
            self.banner.show_message("unavailable", text, Tone.WARN)
        else:
            self.banner.clear("unavailable")
        self._mark_one()
        self._count.setText(i18n.tr("case.count", count=self._vm.count))
        self.panel.setVisible(self._vm.count > 0)
        self.panel.show_case(self._vm)
        self.changed.emit()

    def _choose(self, row: object) -> None:
        case = row.case if isinstance(row, FloorCase) else None
        before = self._vm.chosen
        if case is None or before is None or case.case_id != before.case_id:
            self.banner.clear("rejected")
        self._vm.choose(case)

    def _mark_one(self) -> None:
        """Keep a case marked while there is one; its row may have come only now."""
        if self.table.current() is None:
            self.table.select_first()
        self._choose(self.table.current())

    def _tell(self, key: str) -> None:
        self.told.emit(i18n.tr(key))


class CasePanel(Card):
    """Everything about one case in plain words, and large buttons for what can be done."""

    def __init__(self, actions: ActionSet) -> None:
        super().__init__()
        self._text = Label("", Role.HEADING, wraps=True)
        self._advice = Label("", Role.BODY, wraps=True)
        self._who = Label("", Role.MUTED, wraps=True)
        self._facts = Facts()
        self._nothing = EmptyState("inbox", i18n.tr("case.choose"))
        self._rows: list[tuple[LiveAction, QWidget]] = []
        self._inner = QWidget()
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S3)
        self.words = self._scrolled()
        column.addWidget(self.words, 1)
        column.addWidget(self._who)
        for name in OFFERS:
            row = _offer(actions, name)
            self._rows.append((actions.get(name), row))
            column.addWidget(row)
        self.body.setContentsMargins(theme.S4, theme.S3, theme.S4, theme.S4)
        self._stack = QStackedWidget()
        for part in (self._nothing, self._inner):
            self._stack.addWidget(part)
        self.body.addWidget(self._stack)

    def text(self) -> str:
        """Give what is said of the case in front."""
        parts = (self._text.text(), self._advice.text(), self._facts.text(), self._who.text())
        return "\n".join(parts) if self._stack.currentWidget() is self._inner else ""

    def show_case(self, view_model: CasesViewModel) -> None:
        """Show the chosen case, or that one can be chosen."""
        case = view_model.chosen
        self._stack.setCurrentWidget(self._nothing if case is None else self._inner)
        if case is None:
            return
        self._text.setText(case_text(case))
        self._advice.setText(view_model.advice)
        self._advice.setVisible(bool(view_model.advice))
        self._who.setText(view_model.who_settles)
        self._facts.set_facts(view_model.facts())
        for live, row in self._rows:
            row.setVisible(live.isEnabled())

    def sizeHint(self) -> QSize:
        """Take two fifths, whatever the words."""
        return QSize(0, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Be as low as the buttons need; the words scroll."""
        return QSize(0, super().minimumSizeHint().height())

    def _scrolled(self) -> Scrolled:
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S3)
        for part in (self._text, self._advice, self._facts):
            column.addWidget(part)
        column.addStretch(1)
        return Scrolled(words)


def _offer(actions: ActionSet, name: str) -> QWidget:
    """A button as wide as there is room, with its key beside it."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S3)
    button = actions.button(name)
    if button is not None:
        row.addWidget(button, 1)
    hint = KeyHint(actions.get(name).action.keys[0])
    row.addWidget(hint, 0, Qt.AlignmentFlag.AlignVCenter)
    return holder
