"""Read models of customers."""

import sqlalchemy as sa

from shared.customers.tables import CUSTOMER, CustomerRow
from shared.storage.reader import Reader


def customer(reader: Reader, customer_id: str) -> CustomerRow:
    """One customer. Raises Rejected("customer_not_found")."""
    return reader.require(CustomerRow, customer_id)


def customers(reader: Reader, *, text: str = "", limit: int = 200) -> tuple[CustomerRow, ...]:
    """Customers whose name, e-mail, phone or code contains `text`, by name."""
    conditions: list[sa.ColumnElement[bool]] = []
    if text.strip():
        pattern = text.strip()
        conditions.append(
            CUSTOMER.c.name.icontains(pattern, autoescape=True)
            | CUSTOMER.c.email.icontains(pattern, autoescape=True)
            | CUSTOMER.c.phone.icontains(pattern, autoescape=True)
            | CUSTOMER.c.code.icontains(pattern, autoescape=True)
        )
    return tuple(
        reader.find(
            CustomerRow,
            *conditions,
            order_by=(CUSTOMER.c.name, CUSTOMER.c.customer_id),
            limit=limit,
        )
    )
