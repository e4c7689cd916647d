"""Every table of the business: importing this module declares them all, on every machine alike."""

from types import ModuleType

from shared.catalog import tables as catalog
from shared.customers import tables as customers
from shared.fulfillment import tables as fulfillment
from shared.imports import tables as imports
from shared.inbox import tables as inbox
from shared.inventory import tables as inventory
from shared.orders import tables as orders
from shared.organization import tables as organization
from shared.payments import tables as payments
from shared.pos import tables as pos
from shared.pricing import tables as pricing

TABLE_MODULES: tuple[ModuleType, ...] = (
    organization,
    inbox,
    catalog,
    customers,
    pricing,
    inventory,
    orders,
    payments,
    fulfillment,
    pos,
    imports,
)
