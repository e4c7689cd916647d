"""What may be asked of customers."""

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.ids import CustomerId
from shared.kernel.messages import Command
from shared.kernel.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address as written on a parcel; `country` is an ISO 3166 code."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCustomer(Command):
    """Add a customer, or replace all that is known of one."""

    NAME: ClassVar[str] = "save_customer"
    PERMISSION: ClassVar[Permission] = Permission.CUSTOMER_EDIT

    customer_id: CustomerId
    name: str
    code: str | None = None
    email: str = ""
    phone: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    accepts_marketing: bool = False
    addresses: tuple[Address, ...] = ()
