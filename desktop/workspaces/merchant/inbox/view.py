"""The exceptions inbox: a list beside what is known of the chosen case."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui import i18n, theme
from desktop.ui.actions import Action, ActionSet, LiveAction
from desktop.ui.binding import connect
from desktop.ui.button import Look
from desktop.ui.delegates import PAD
from desktop.ui.dialogs import show_form
from desktop.ui.empty_state import EmptyState
from desktop.ui.facts import Fact, Facts
from desktop.ui.fields import Choice, FieldKind, FieldSpec
from desktop.ui.flow_layout import FlowLayout
from desktop.ui.label import Label, Role
from desktop.ui.split import Split
from desktop.ui.table_view import TableView
from desktop.workspaces.cases.words import (
    RESOLUTION_BADGES,
    case_text,
    command_text,
    cure_text,
    stands_text,
)
from desktop.workspaces.merchant.inbox.rows import ListedCase
from desktop.workspaces.merchant.inbox.view_model import InboxViewModel
from desktop.workspaces.merchant.parts.lists.view import Segment, Segments
from desktop.workspaces.merchant.parts.page.view import Page, sides
from shared.inbox.commands import Resolution
from shared.inbox.tables import CaseRow
from shared.kernel.permissions import Permission

_GROUP = "merchant.inbox"
_OPEN, _SETTLED = "open", "settled"


def _action(name: str, icon: str, keys: str, *, when: str, look: Look = Look.PLAIN) -> Action:
    return Action(
        id=f"inbox.{name}",
        text_key=f"case.do.{name}",
        intent=name,
        icon=icon,
        keys=(keys,),
        permission=Permission.INBOX,
        enabled_when=when,
        group_key=_GROUP,
        look=look,
    )


ACTIONS = (
    _action("count", "clipboard-check", "Ctrl+Shift+C", when="needs_count", look=Look.PRIMARY),
    _action("retry", "refresh-cw", "Ctrl+R", when="can_retry", look=Look.PRIMARY),
    _action("edit", "pencil", "Ctrl+E", when="can_edit"),
    _action("accept", "check", "Ctrl+Shift+A", when="is_open"),
    _action("show_thing", "external-link", "Ctrl+O", when="can_show"),
    _action("take", "user-check", "Ctrl+T", when="is_open"),
    _action("assign", "users", "Ctrl+Shift+T", when="is_open"),
    _action("settle", "circle-check", "Ctrl+S", when="is_open"),
)


class InboxPage(Page):
    """Signal: `changed` when other things can be done."""

    changed = Signal()

    def __init__(self, view_model: InboxViewModel) -> None:
        super().__init__(i18n.tr("merchant.inbox"))
        self._vm = view_model
        view_model.setParent(self)
        self._tables = QStackedWidget()
        self._open = TableView(view_model.open_table, name=i18n.tr("case.open"))
        self._settled = TableView(view_model.settled_table, name=i18n.tr("case.settled"))
        self._segments = Segments(
            [
                Segment(_OPEN, i18n.tr("case.open")),
                Segment(_SETTLED, i18n.tr("case.settled")),
            ],
            name=i18n.tr("merchant.inbox"),
        )
        self.actions_set: ActionSet = ActionSet(
            ACTIONS, target=self, widget=self, allowed=view_model.office.allowed
        )
        self._case = CasePanel(self.actions_set)
        self._lay()
        self._join()
        view_model.start()
        self._show()

    def first_focus(self) -> QWidget | None:
        """Begin with the list."""
        return self._tables.currentWidget()

    # -- what can be done now

    @property
    def is_open(self) -> bool:
        """Whether the chosen case waits for a person."""
        return self._vm.is_open

    @property
    def can_retry(self) -> bool:
        """Whether the refused command can be sent again as it was."""
        return self._vm.can_retry

    @property
    def can_edit(self) -> bool:
        """Whether the refused command can be edited and sent again."""
        return self._vm.can_edit

    @property
    def can_show(self) -> bool:
        """Whether the thing that the case is about can be shown."""
        return self._vm.can_show

    @property
    def needs_count(self) -> bool:
        """Whether counting the stock is what puts this right."""
        return self._vm.needs_count and self._vm.is_open

    # -- intents

    async def accept(self) -> None:
        """Let it stand as it is."""
        await self._vm.accept()
        self._note("case.accepted.note")

    async def retry(self) -> None:
        """Send the refused command again."""
        await self._vm.retry()
        self._note("case.resent.note")

    def edit(self) -> None:
        """Go where the refused command can be put right."""
        self._vm.edit()

    def count(self) -> None:
        """Go where the stock can be counted."""
        self._vm.show_thing()

    def show_thing(self) -> None:
        """Go to what the case is about."""
        self._vm.show_thing()

    async def take(self) -> None:
        """Make the case one's own."""
        await self._vm.take()

    async def assign(self) -> None:
        """Make somebody responsible."""
        people = [Choice("", i18n.tr("case.nobody"))]
        people += [
            Choice(user.user_id, user.name)
            for user in self._vm.office.users.values()
            if user.is_active
        ]
        field = FieldSpec(
            key="owner_id",
            label_key="case.owner",
            kind=FieldKind.CHOICE,
            choices=people,
        )
        title = i18n.tr("case.do.assign")
        values = await show_form(self, title, [field], action=title)
        if values is not None:
            await self._vm.assign(str(values["owner_id"]))

    async def settle(self) -> None:
        """Close the case, saying how and why."""
        resolutions = [
            Choice(each, i18n.tr(RESOLUTION_BADGES[each].text_key)) for each in Resolution
        ]
        usual = Resolution.ACCEPTED
        if self._vm.chosen is not None and not self._vm.chosen.is_fact:
            usual = Resolution.RESENT
        title = i18n.tr("case.do.settle")
        await show_form(
            self,
            title,
            [
                FieldSpec(
                    key="resolution",
                    label_key="case.resolution",
                    kind=FieldKind.CHOICE,
                    choices=resolutions,
                ),
                FieldSpec(key="note", label_key="merchant.stock.note", longest=500),
            ],
            values={"resolution": usual.value},
            action=title,
            submit=self._vm.settle,
        )

    # -- parts

    def _lay(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(*sides(theme.S6, theme.S4, top=theme.S2, bottom=theme.S2))
        bar.addWidget(self._segments)
        bar.addStretch(1)
        self._open.set_empty(
            "circle-check",
            i18n.tr("case.none"),
            i18n.tr("case.none.text"),
        )
        self._settled.set_empty("history", i18n.tr("case.none_settled"))
        for table in (self._open, self._settled):
            self._tables.addWidget(table)
        self.body.addLayout(bar)
        inset = QWidget()
        across = QHBoxLayout(inset)
        across.setContentsMargins(*sides(theme.S6 - PAD, 0))
        across.addWidget(self._tables)
        self.body.addWidget(Split(inset, self._case, shares=(3, 2)), 1)

    def _join(self) -> None:
        connect(self._segments.chosen, self._show_segment)
        for table in (self._open, self._settled):
            connect(table.current_row, self._choose)
        connect(self._vm.changed, self._show)
        connect(self._vm.rejected, self.show_rejected)

    # -- state

    def _show_segment(self, value: str) -> None:
        table = self._settled if value == _SETTLED else self._open
        self._tables.setCurrentWidget(table)
        row = table.current()
        self._vm.choose(row.case if isinstance(row, ListedCase) else None)

    def _choose(self, row: object) -> None:
        case = row.case if isinstance(row, ListedCase) else None
        before = self._vm.chosen
        if case is None or before is None or case.case_id != before.case_id:
            self.banner.clear()
        self._vm.choose(case)

    def _show(self) -> None:
        self._segments.set_count(_OPEN, i18n.format_number(self._vm.open_count))
        if self._open.current() is None and self._tables.currentWidget() is self._open:
            self._open.select_first()
        self.actions_set.refresh()
        shown = self._vm.settled_table if self._is_settled() else self._vm.open_table
        self._case.show_case(self._vm.chosen, self._vm, can_choose=shown.rowCount() > 0)

    def _is_settled(self) -> bool:
        return self._tables.currentWidget() is self._settled

    def _note(self, key: str) -> None:
        self._vm.office.note(i18n.tr(key))


class CasePanel(QWidget):
    """Everything about one case, and what can be done about it."""

    def __init__(self, actions: ActionSet) -> None:
        super().__init__()
        self._text = Label("", Role.HEADING, wraps=True)
        self._cure = Label("", Role.BODY, wraps=True)
        self._facts = Facts()
        self._nothing = EmptyState("inbox", i18n.tr("case.choose"))
        self._buttons = QWidget()
        row = FlowLayout(self._buttons, gap=theme.S2)
        row.setContentsMargins(0, 0, 0, 0)
        self._offers: list[tuple[LiveAction, QWidget]] = []
        for live in actions.live():
            button = actions.button(live.action.id)
            if button is not None:
                self._offers.append((live, button))
                row.addWidget(button)
        self._inner = QWidget()
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(theme.S5, theme.S5, theme.S5, theme.S5)
        column.setSpacing(theme.S3)
        for part in (self._text, self._cure, self._buttons, self._facts):
            column.addWidget(part)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._inner)
        outer.addWidget(self._nothing)

    def show_case(
        self, case: CaseRow | None, view_model: InboxViewModel, *, can_choose: bool
    ) -> None:
        """Show a case, or that one can be chosen."""
        self._inner.setVisible(case is not None)
        self._nothing.setVisible(case is None and can_choose)
        if case is None:
            return
        self._text.setText(case_text(case))
        self._cure.setText(cure_text(case))
        self._cure.setVisible(bool(self._cure.text()))
        for live, button in self._offers:
            button.setVisible(live.isEnabled())
        self._buttons.updateGeometry()
        self._facts.set_facts(_facts(case, view_model))


def _facts(case: CaseRow, view_model: InboxViewModel) -> list[Fact]:
    office = view_model.office
    nobody = i18n.tr("case.nobody")
    named = [
        ("case.kind", stands_text(case)),
        ("case.command", command_text(case.command_name)),
        ("case.actor", office.user_name(case.actor_id) or nobody),
        ("case.device", view_model.device_name(case.device_id)),
        ("merchant.stock.location", office.location_name(case.location_id)),
        ("case.opened", i18n.format_datetime(case.opened_at)),
        ("case.owner", office.user_name(case.owner_id) or nobody),
    ]
    if case.settled_at is not None and case.resolution is not None:
        named += [
            ("case.resolution", i18n.tr(RESOLUTION_BADGES[case.resolution].text_key)),
            ("case.settled_by", office.user_name(case.settled_by) or nobody),
            ("case.settled_at", i18n.format_datetime(case.settled_at)),
            ("merchant.stock.note", case.note),
        ]
    return [Fact(i18n.tr(key), value) for key, value in named if value]
