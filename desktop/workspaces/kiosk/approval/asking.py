"""Whoever may answers for what the cashier may not do alone."""

from PySide6.QtWidgets import QWidget

from desktop.ui.sheet import present
from desktop.workspaces.desk import Desk
from desktop.workspaces.kiosk.approval.view import ApprovalSheet
from desktop.workspaces.kiosk.ports import Gate
from shared.kernel.ids import UserId
from shared.kernel.permissions import ROLE_PERMISSIONS, Permission
from shared.organization.queries import active_users


async def approved_by(
    anchor: QWidget, *, desk: Desk, gate: Gate, permission: Permission
) -> UserId | None:
    """Who approved with a PIN; None when nobody did. The cashier stays signed in."""
    users = await desk.fetch(active_users)
    able = [user for user in users if permission in ROLE_PERMISSIONS[user.role]]
    answer = await present(ApprovalSheet(anchor, able, gate=gate, permission=permission))
    return UserId(answer) if isinstance(answer, str) else None
