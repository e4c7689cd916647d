"""The key map of the till: one list makes keys, buttons, help and tooltips."""

from desktop.ui.actions import Action

_SALE, _PAY, _TILL = "kiosk.keys.sale", "kiosk.keys.pay", "kiosk.keys.till"


def _action(name: str, icon: str, keys: str = "", *, group: str = _SALE, when: str = "") -> Action:
    return Action(
        id=f"till.{name}",
        text_key=f"kiosk.do.{name}",
        intent=name,
        icon=icon,
        keys=(keys,) if keys else (),
        group_key=group,
        enabled_when=when,
    )


SALE = (
    _action("search", "search", "F2"),
    _action("customer", "user", "F3", when="can_edit"),
    _action("qty", "layers", "F4", when="can_edit_line"),
    _action("discount", "percent", "F5", when="can_edit_line"),
    _action("discount_all", "tags", "Shift+F5", when="can_edit_line"),
    _action("price", "tag", "F6", when="can_edit_line"),
    _action("remove", "trash-2", "Del", when="can_edit_line"),
    _action("more_units", "plus", "Ctrl++", when="can_edit_line"),
    _action("fewer_units", "minus", "Ctrl+-", when="can_edit_line"),
    _action("note", "notebook-text", "Ctrl+T", when="can_edit"),
    _action("open_line", "pencil", "Ctrl+O", when="can_edit"),
    _action("hold", "pause", "F7", when="can_hold"),
    _action("recall", "play", "F8", when="can_recall"),
)
"""Done by `SaleIntents`."""
TILL = (
    _action("pay", "wallet", "F12", group=_PAY, when="can_pay"),
    _action("exact_cash", "banknote", "Num++", group=_PAY, when="can_pay"),
    _action("pay_cash", "banknote", "Alt+1", group=_PAY, when="can_pay"),
    _action("pay_card", "credit-card", "Alt+2", group=_PAY, when="can_pay"),
    _action("pay_bank", "building-2", "Alt+3", group=_PAY, when="can_pay"),
    _action("refund", "undo-2", "F9", group=_TILL, when="can_refund"),
    _action("cash", "vault", "F10", group=_TILL, when="can_move_cash"),
    _action("close_shift", "log-out", "Ctrl+Shift+Z", group=_TILL, when="can_close"),
)
"""Done by `TillIntents`."""
CASES, SYNC = "Ctrl+5", "Ctrl+7"
"""The same keys as in the back office."""
WINDOW = (
    _action("lock", "lock", "F11", group=_TILL, when="can_lock"),
    _action("cases", "inbox", CASES, group=_TILL, when="can_lock"),
    _action("sync", "cloud", SYNC, group=_TILL, when="can_lock"),
)
"""Done by the window, on every screen."""
PAPER = (
    _action("copy", "printer", "Ctrl+P", group=_TILL),
    _action("receipt", "receipt-text", "Ctrl+R", group=_TILL),
    _action("x_report", "chart-column", "Ctrl+Shift+X", group=_TILL, when="can_read"),
)
"""Done by `PaperIntents`."""

LINE_ACTIONS = ("till.qty", "till.discount", "till.price", "till.remove")
SALE_TILES = ("till.customer", "till.discount_all", "till.hold", "till.recall")
TILL_TILES = ("till.refund", "till.cash")
SALE_MORE = ("till.note", "till.open_line")
PAPER_MORE = ("till.copy", "till.receipt", "till.x_report")
TILL_MORE = ("till.close_shift",)
WINDOW_MORE = ("till.cases", "till.sync")
