"""Rows of customers."""

from dataclasses import dataclass
from datetime import datetime

from shared.customers.commands import Address
from shared.kernel.ids import CustomerId, ImportId
from shared.storage.base import Index, Row, define


@dataclass(frozen=True, slots=True)
class CustomerRow(Row):
    """A person or company that buys; `code` is the merchant's own number for it."""

    customer_id: CustomerId
    code: str | None
    name: str
    email: str
    phone: str
    note: str
    tags: tuple[str, ...]
    accepts_marketing: bool
    addresses: tuple[Address, ...]
    import_id: ImportId | None
    created_at: datetime


CUSTOMER = define(
    CustomerRow,
    "customer",
    key=("customer_id",),
    scope=lambda _row: "tenant",
    indexes=(Index(("name", "customer_id")), Index(("email",)), Index(("code",))),
)
