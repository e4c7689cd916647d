"""Actions as data: one list behind buttons, keys, menus, help and palette."""

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.ui.actions import Action, ActionSet, check_keys
from desktop.ui.sheet import Sheet
from shared.kernel.errors import Bug, Rejected
from tests.support.qt_loop import UiLoop

ACTIONS = (
    Action(
        id="new",
        text_key="gallery.new",
        intent="create",
        icon="plus",
        keys=("Ctrl+N",),
        permission="write",
    ),
    Action(
        id="delete",
        text_key="gallery.delete",
        intent="delete",
        keys=("F8",),
        enabled_when="can_delete",
    ),
)


class Target(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.can_delete = False

    def create(self) -> None:
        self.done.append("create")

    async def delete(self) -> None:
        self.done.append("delete")
        raise Rejected("product_in_use")


def make() -> tuple[Target, QWidget, QLineEdit, ActionSet]:
    target, screen = Target(), QWidget()
    line = QLineEdit()
    QVBoxLayout(screen).addWidget(line)
    target.setParent(screen)
    return target, screen, line, ActionSet(ACTIONS, target=target, widget=screen)


def test_keys_and_buttons_do_the_intent(ui: UiLoop) -> None:
    target, screen, line, actions = make()
    button = actions.button("new")
    assert button is not None
    button.setParent(screen)

    async def story() -> None:
        ui.show(screen)
        await ui.turn(3)
        line.setFocus()
        QTest.keyClick(line, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        button.click()
        await ui.settle()

    ui.run(story())

    assert target.done == ["create", "create"]
    assert button.toolTip() == "New product  (Ctrl+N)"
    assert button.accessibleName() == "New product"


def test_action_follows_what_its_target_can_do(ui: UiLoop) -> None:
    target, screen, line, actions = make()
    button = actions.button("delete")
    assert button is not None
    button.setParent(screen)
    was_enabled = button.isEnabled()

    async def story() -> None:
        ui.show(screen)
        await ui.turn(3)
        QTest.keyClick(line, Qt.Key.Key_F8)
        target.can_delete = True
        target.changed.emit()
        QTest.keyClick(line, Qt.Key.Key_F8)
        await ui.settle()

    ui.run(story())

    assert not was_enabled
    assert button.isEnabled()
    assert target.done == ["delete"]
    assert [error.code for error in ui.reporter.rejected] == ["product_in_use"]


def test_keys_do_not_reach_through_an_open_sheet(ui: UiLoop) -> None:
    target, screen, line, _ = make()

    async def story() -> None:
        ui.show(screen)
        await ui.turn(3)
        sheet = Sheet(screen)
        field = QLineEdit()
        sheet.body.addWidget(field)
        sheet.open()
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        sheet.finish()
        await ui.turn(2)
        QTest.keyClick(line, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)

    ui.run(story())

    assert target.done == ["create"]


def test_actions_the_person_may_not_do_are_not_there(ui: UiLoop) -> None:
    target, screen = Target(), QWidget()
    target.setParent(screen)

    def nothing(_permission: str) -> bool:
        return False

    actions = ActionSet(ACTIONS, target=target, widget=screen, allowed=nothing)

    assert "new" not in actions
    assert "delete" in actions
    assert actions.button("new") is None
    assert [
        action.objectName() for action in actions.menu(["new", "delete"], screen).actions()
    ] == ["delete"]
    screen.deleteLater()


@pytest.mark.parametrize(
    ("keys", "message"),
    [(("ctrl+n",), "Ctrl\\+N is both"), (("Foo+Bar",), "not a key")],
)
def test_keys_that_clash_or_do_not_exist_are_bugs(keys: tuple[str, ...], message: str) -> None:
    other = Action(id="other", text_key="gallery.new", intent="create", keys=keys)

    with pytest.raises(Bug, match=message):
        check_keys(ACTIONS, [other])


def test_two_actions_of_one_name_are_a_bug() -> None:
    with pytest.raises(Bug, match="called 'new'"):
        check_keys(ACTIONS, ACTIONS[:1])


@pytest.mark.parametrize(
    "action",
    [
        Action(id="x", text_key="gallery.new", intent="no_such_intent"),
        Action(id="x", text_key="gallery.new", intent="create", enabled_when="no_such_state"),
    ],
    ids=["intent", "state"],
)
def test_intents_and_states_that_do_not_exist_are_bugs(ui: UiLoop, action: Action) -> None:
    screen = QWidget()

    with pytest.raises(Bug, match="no_such"):
        ActionSet([action], target=Target(), widget=screen)
    screen.deleteLater()
