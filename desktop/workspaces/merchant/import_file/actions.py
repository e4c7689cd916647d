"""What can be done with one file to import."""

from desktop.ui.actions import Action
from desktop.ui.button import Look
from shared.kernel.permissions import Permission

_GROUP = "merchant.imports"


def _action(name: str, icon: str, keys: str, *, when: str, look: Look = Look.PLAIN) -> Action:
    return Action(
        id=f"import.{name}",
        text_key=f"merchant.import.do.{name}",
        intent=name,
        icon=icon,
        keys=(keys,),
        permission=Permission.IMPORT,
        enabled_when=when,
        group_key=_GROUP,
        look=look,
    )


ACTIONS = (
    _action("choose_file", "folder", "Ctrl+O", when="can_choose"),
    _action("check", "list-checks", "Ctrl+Return", when="can_check"),
    _action("apply", "check", "Ctrl+Shift+Return", when="can_apply", look=Look.PRIMARY),
    _action("stop", "circle-stop", "Ctrl+.", when="is_running"),
    _action("undo", "undo-2", "Ctrl+Shift+Z", when="can_undo"),
    _action("export", "download", "Ctrl+E", when="has_refused"),
    Action(
        id="import.back",
        text_key="merchant.back",
        intent="leave",
        icon="arrow-left",
        keys=("Esc", "Alt+Left"),
        group_key=_GROUP,
    ),
)
