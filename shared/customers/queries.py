"""Read models of customers."""

from collections.abc import Sequence

import sqlalchemy as sa

from shared.customers.tables import CUSTOMER, CustomerRow
from shared.storage.reader import Reader


def customer(reader: Reader, customer_id: str) -> CustomerRow:
    """One customer. Raises Rejected("customer_not_found")."""
    return reader.require(CustomerRow, customer_id)


def customers(reader: Reader, *, text: str = "", limit: int = 200) -> tuple[CustomerRow, ...]:
    """Customers whose name, e-mail, phone or code contains `text`, by name."""
    return tuple(
        reader.find(
            CustomerRow,
            *_holding(text),
            order_by=(CUSTOMER.c.name, CUSTOMER.c.customer_id),
            limit=limit,
        )
    )


_ORDERINGS = {
    "name": CUSTOMER.c.name,
    "email": CUSTOMER.c.email,
    "code": CUSTOMER.c.code,
    "created_at": CUSTOMER.c.created_at,
}


def customer_ids(
    reader: Reader, *, text: str = "", order: str = "name", is_descending: bool = False
) -> list[str]:
    """The ids of all customers that fit, in order: the skeleton of a list that pages by window."""
    column = _ORDERINGS[order]
    statement = (
        sa.select(CUSTOMER.c.customer_id)
        .where(*_holding(text))
        .order_by(column.desc() if is_descending else column.asc(), CUSTOMER.c.customer_id)
    )
    return reader.column(statement)


def customer_list(reader: Reader, ids: Sequence[str]) -> tuple[CustomerRow, ...]:
    """The customers with those ids, in the order asked for; unknown ones are left out."""
    found = reader.find(CustomerRow, CUSTOMER.c.customer_id.in_(list(ids)))
    by_id: dict[str, CustomerRow] = {row.customer_id: row for row in found}
    return tuple(by_id[wanted] for wanted in ids if wanted in by_id)


def _holding(text: str) -> list[sa.ColumnElement[bool]]:
    wanted = text.strip()
    if not wanted:
        return []
    return [
        sa.or_(
            *(
                column.icontains(wanted, autoescape=True)
                for column in (CUSTOMER.c.name, CUSTOMER.c.email, CUSTOMER.c.phone, CUSTOMER.c.code)
            )
        )
    ]
