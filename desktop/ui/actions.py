"""Actions as data: one list feeds buttons, menus, keys, the help overlay and the palette."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from desktop.ui import i18n, icons, tasks, theme
from desktop.ui.binding import connect
from desktop.ui.button import Button, Look
from desktop.ui.key_hint import key_words
from shared.kernel.errors import Bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can ask for.

    `intent` names a method of the target (plain or async) without arguments; `enabled_when` a
    bool attribute of it; `keys` are written as Qt does ("Ctrl+N", "F2"); `permission` empty:
    for everybody. `group_key` is the heading in help and palette.
    """

    id: str
    text_key: str
    intent: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    permission: str = ""
    enabled_when: str = ""
    group_key: str = "ui.actions.group.screen"
    look: Look = Look.PLAIN


def everything_allowed(_permission: str) -> bool:
    """Grant every permission; for parts without a signed-in person."""
    return True


def check_keys(*lists: Iterable[Action]) -> None:
    """Raise Bug when two actions that can be reached together share a key or an id."""
    seen: dict[str, str] = {}
    ids: set[str] = set()
    for action in (action for each in lists for action in each):
        if action.id in ids:
            raise Bug(f"two actions are called {action.id!r}")
        ids.add(action.id)
        for keys in action.keys:
            written = QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)
            if not written:
                raise Bug(f"action {action.id!r}: {keys!r} is not a key")
            if written in seen:
                raise Bug(f"{written} is both {seen[written]!r} and {action.id!r}")
            seen[written] = action.id


class LiveAction(QAction):
    """An action joined to its target."""

    def __init__(self, action: Action, target: QObject, parent: QObject) -> None:
        super().__init__(i18n.tr(action.text_key), parent)
        self.action = action
        self._target = target
        if not callable(getattr(target, action.intent, None)):
            raise Bug(f"{type(target).__name__} has no intent {action.intent!r}")
        if action.enabled_when and not hasattr(target, action.enabled_when):
            raise Bug(f"{type(target).__name__} has no {action.enabled_when!r}")
        self.setObjectName(action.id)
        self.setShortcuts([QKeySequence(keys) for keys in action.keys])
        self.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self.setAutoRepeat(False)
        self.setToolTip(self.tip())
        self.draw()
        connect(self.triggered, self.fire)

    def tip(self) -> str:
        """Give the words with the first key, for tooltips."""
        keys = self.keys_text()
        return f"{self.text()}  ({keys})" if keys else self.text()

    def keys_text(self) -> str:
        """Give the first key as it is written on this machine's keyboard."""
        keys = self.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        return "+".join(key_words(keys)) if keys else ""

    def draw(self) -> None:
        """Draw the icon for the theme in force."""
        if self.action.icon:
            self.setIcon(icons.icon(self.action.icon, theme.colour("text_muted"), 16))

    def refresh(self) -> None:
        """Ask the target whether the action can be done now."""
        name = self.action.enabled_when
        self.setEnabled(bool(getattr(self._target, name)) if name else True)

    def fire(self) -> None:
        """Do it: call the intent, and spawn it when it is a coroutine."""
        result = getattr(self._target, self.action.intent)()
        if inspect.iscoroutine(result):
            tasks.spawn(self._target, result)


class ActionButton(Button):
    """A button for an action; follows whether it can be done."""

    def __init__(
        self,
        live: LiveAction,
        *,
        look: Look | None = None,
        words: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            live.text() if words else "",
            live.action.icon,
            look=look or live.action.look,
            name=live.tip(),
            parent=parent,
        )
        self.setAccessibleName(live.text())
        self.setEnabled(live.isEnabled())
        connect(self.clicked, live.trigger)
        connect(live.enabledChanged, self.setEnabled)


class ActionSet(QObject):
    """The actions of one screen, joined to its view model, reached from its widget.

    Actions the person may not do are left out. `changed` tells that what can be done differs.
    """

    changed = Signal()

    def __init__(
        self,
        actions: Sequence[Action],
        *,
        target: QObject,
        widget: QWidget,
        allowed: Callable[[str], bool] = everything_allowed,
    ) -> None:
        super().__init__(widget)
        check_keys(actions)
        self._live = {
            action.id: LiveAction(action, target, self)
            for action in actions
            if not action.permission or allowed(action.permission)
        }
        widget.addActions(list(self._live.values()))
        widget.installEventFilter(self)
        if hasattr(target, "changed"):
            connect(target.changed, self.refresh)
        self.refresh()

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._live

    def live(self) -> list[LiveAction]:
        """Give the actions the person may do, in order."""
        return list(self._live.values())

    def get(self, action_id: str) -> LiveAction:
        """Give one action; raises Bug when it is unknown or not allowed."""
        if action_id not in self._live:
            raise Bug(f"there is no action {action_id!r} here")
        return self._live[action_id]

    def refresh(self) -> None:
        """Ask the target again what can be done."""
        for live in self._live.values():
            live.refresh()
        self.changed.emit()

    def button(
        self, action_id: str, *, look: Look | None = None, words: bool = True
    ) -> ActionButton | None:
        """Make a button, or None when the person may not do this."""
        live = self._live.get(action_id)
        return None if live is None else ActionButton(live, look=look, words=words)

    def menu(self, action_ids: Sequence[str], parent: QWidget) -> QMenu:
        """Make a menu; an empty id is a line between. Open it with `popup`, never `exec`."""
        menu = QMenu(parent)
        for action_id in action_ids:
            if not action_id:
                menu.addSeparator()
            elif action_id in self._live:
                menu.addAction(self._live[action_id])
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw icons anew when the theme changes."""
        if event.type() is QEvent.Type.StyleChange:
            for live in self._live.values():
                live.draw()
        return super().eventFilter(watched, event)
