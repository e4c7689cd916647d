"""Rows and columns of the customer list."""

from dataclasses import dataclass

from desktop.ui import i18n
from desktop.ui.columns import Column, fixed, stretch
from shared.customers.tables import CustomerRow


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """A customer in the list."""

    id: str
    name: str
    email: str
    phone: str
    code: str
    place: str


COLUMNS = (
    Column(
        key="name",
        title_key="merchant.customer.name",
        width=stretch(2, 18),
        strong=True,
        sort="name",
    ),
    Column(key="email", title_key="merchant.customer.email", width=stretch(2, 18), sort="email"),
    Column(key="phone", title_key="merchant.customer.phone", width=fixed(18), muted=True, yields=1),
    Column(
        key="place", title_key="merchant.customer.place", width=stretch(1, 12), muted=True, yields=2
    ),
    Column(
        key="code",
        title_key="merchant.customer.code",
        width=fixed(14),
        muted=True,
        sort="code",
        yields=3,
    ),
)


def listed_customer(row: CustomerRow) -> ListedCustomer:
    """The list row of a customer."""
    address = row.addresses[0] if row.addresses else None
    place = "" if address is None else ", ".join(filter(None, (address.city, address.country)))
    name = row.name or row.email
    phone = i18n.left_to_right(row.phone)
    return ListedCustomer(row.customer_id, name, row.email, phone, row.code or "", place)
