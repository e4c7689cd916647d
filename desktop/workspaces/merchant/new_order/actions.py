"""What can be done with an order that is being written."""

from desktop.ui.actions import Action
from desktop.ui.button import Look
from shared.kernel.permissions import Permission

_GROUP = "merchant.order"
ACTIONS = (
    Action(
        id="new_order.place",
        text_key="merchant.order.place",
        intent="place",
        icon="check",
        keys=("Ctrl+S", "Ctrl+Return"),
        permission=Permission.ORDER_PLACE,
        enabled_when="can_place",
        group_key=_GROUP,
        look=Look.PRIMARY,
    ),
    Action(
        id="new_order.search",
        text_key="merchant.order.add_product",
        intent="focus_search",
        icon="search",
        keys=("Ctrl+F",),
        group_key=_GROUP,
    ),
    Action(
        id="new_order.customer",
        text_key="merchant.order.choose_customer",
        intent="focus_customer",
        icon="user",
        keys=("Ctrl+Shift+U",),
        group_key=_GROUP,
    ),
    Action(
        id="new_order.more",
        text_key="merchant.line.more",
        intent="more",
        icon="plus",
        keys=("Ctrl++", "Ctrl+Up"),
        group_key=_GROUP,
    ),
    Action(
        id="new_order.less",
        text_key="merchant.line.less",
        intent="less",
        icon="minus",
        keys=("Ctrl+-", "Ctrl+Down"),
        group_key=_GROUP,
    ),
    Action(
        id="new_order.remove",
        text_key="merchant.line.remove",
        intent="remove",
        icon="trash-2",
        keys=("Ctrl+Del",),
        group_key=_GROUP,
    ),
    Action(
        id="new_order.back",
        text_key="merchant.back",
        intent="leave",
        icon="arrow-left",
        keys=("Esc", "Alt+Left"),
        group_key=_GROUP,
    ),
)
