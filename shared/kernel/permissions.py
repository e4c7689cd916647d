"""Permission names, roles, and the one check."""

from collections.abc import Mapping
from enum import StrEnum

from shared.kernel.errors import Rejected


class Permission(StrEnum):
    """What a person or program may do; commands, queries and screens name one of these."""

    CATALOG_EDIT = "catalog.edit"
    PRICE_EDIT = "price.edit"
    STOCK_EDIT = "stock.edit"
    CUSTOMER_EDIT = "customer.edit"
    ORDER_EDIT = "order.edit"
    ORDER_PLACE = "order.place"
    FULFILL = "fulfillment.work"
    SELL = "till.sell"
    DISCOUNT = "till.discount"
    PRICE_OVERRIDE = "till.price_override"
    REFUND = "till.refund"
    SHIFT = "till.shift"
    IMPORT = "import.run"
    INBOX = "inbox.settle"
    ORGANIZATION = "organization.edit"
    DEVICE = "device.manage"


class Role(StrEnum):
    """A named set of permissions that a user holds."""

    OWNER = "owner"
    MERCHANT = "merchant"
    SUPERVISOR = "supervisor"
    CASHIER = "cashier"
    PICKER = "picker"


_CASHIER = frozenset({Permission.SELL, Permission.REFUND, Permission.SHIFT, Permission.ORDER_PLACE})
_SUPERVISOR = _CASHIER | {Permission.DISCOUNT, Permission.PRICE_OVERRIDE, Permission.INBOX}

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MERCHANT: frozenset(Permission) - {Permission.ORGANIZATION, Permission.DEVICE},
    Role.SUPERVISOR: _SUPERVISOR,
    Role.CASHIER: _CASHIER,
    Role.PICKER: frozenset({Permission.FULFILL}),
}


def require(held: frozenset[Permission], needed: Permission) -> None:
    """Raise Rejected("permission_missing") unless `needed` is among the `held` permissions."""
    if needed not in held:
        raise Rejected("permission_missing", permission=needed.value)
